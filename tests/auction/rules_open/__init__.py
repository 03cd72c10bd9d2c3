"""The open formats by their rules alone: no database, no loop."""
