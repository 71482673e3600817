"""Where a session is kept: the data directory, its two books, keys and terms."""
