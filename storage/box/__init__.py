"""The box's book: credentials and ballots; never a person."""
