"""The rulebook: dated rules changed by two people."""
