"""Tests of desks, deadlines and time lines."""
