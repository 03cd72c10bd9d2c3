"""Races: real commits, steered by barriers, each with its twin without the lock."""
