"""Tests of live watching."""
