"""Faults: parts of a real deployment are killed while bidders bid and sales end; afterwards every record is checked."""
