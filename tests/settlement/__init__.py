"""Tests of settlement, default and income distribution."""
