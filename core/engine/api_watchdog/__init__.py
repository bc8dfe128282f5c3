"""What entries rest on, one file a thing watched: the check, what it blocks, and how it heals."""
