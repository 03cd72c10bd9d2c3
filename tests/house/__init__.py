"""Checks of the house's own rules."""
