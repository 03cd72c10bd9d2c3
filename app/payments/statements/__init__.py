"""Reading the bank's statements (银行对账单): CSV as Chinese banks export it, and ISO 20022 camt.053. Pure."""
