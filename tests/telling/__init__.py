"""Telling people: whom, of what, and by which post."""
