"""The API as a whole: against its own description, and how every route behaves."""
