"""Counting days and the holiday calendar."""
