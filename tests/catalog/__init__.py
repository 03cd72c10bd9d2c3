"""Tests of the catalogue: patent numbers, facts, files, imports, and their API."""
