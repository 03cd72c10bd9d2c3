"""Tests of trading: listings, review, intents, admission, award."""
