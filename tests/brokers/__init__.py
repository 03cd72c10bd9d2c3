"""Tests of brokers' mandates."""
