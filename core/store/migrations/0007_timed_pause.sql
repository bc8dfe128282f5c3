-- When a latch ends by itself, in wall time; most end only by a hand.
ALTER TABLE latches ADD COLUMN until_ms INTEGER;
