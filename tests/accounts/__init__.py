"""Tests of parties, sessions and tokens."""
