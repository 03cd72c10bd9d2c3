"""Every route with every kind of caller, and what must never be read in an answer."""
