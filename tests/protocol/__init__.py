"""Tests of the verifiable protocol."""
