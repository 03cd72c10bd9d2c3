"""Trouble: interruptions, suspensions, decisions, killed processes."""
