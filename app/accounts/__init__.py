"""Parties of the market: organisations, their people and roles, sessions and personal tokens."""
