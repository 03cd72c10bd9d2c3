"""Tests of the command line, with the program started as a person starts it."""
