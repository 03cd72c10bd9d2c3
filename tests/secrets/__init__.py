"""Secrets: what is sealed stays sealed until its time, wherever one looks."""
