"""The papers around the vote: of the meeting before it, of its ballots, of its result."""
