"""Tests of the documents: what they say of the program is so."""
