"""Rules of rounds, turns and tenders."""
