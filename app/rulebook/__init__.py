"""The rulebook: the calendar of holidays and the dated rules, as operators keep them."""
