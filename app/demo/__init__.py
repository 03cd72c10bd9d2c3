"""The demonstration market (演示): invented sales of real patents, under a mark that is set at creation only."""
