"""Telling people what concerns them: notifications in the page, and the same by mail."""
