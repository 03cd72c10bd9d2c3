"""Tests of contracts, registration and certificates."""
