"""Paper ballots: who got one (`ballots`), their sums, and how two people enter them."""
