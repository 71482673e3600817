"""What voters do: codes and letters; `registrar` signs tokens, `box` takes ballots."""
