"""Trades: listings (挂牌), their review and publication, intents to buy (受让意向), and the deal (成交)."""
