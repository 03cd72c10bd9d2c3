"""Benchmarks: each measures the market and a reference in one run and prints one JSON line."""
