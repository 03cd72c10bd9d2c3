"""Tests of money: the ledger and deposits."""
