"""Parameter search over recorded candles: all trials counted, and what luck alone would have found."""
