"""Rules of sealed bids and price clocks."""
