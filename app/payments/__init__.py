"""Money: the double-entry ledger and the deposits held on the settlement account (资金结算)."""
