"""The registrar's book: who may vote and who got a token; never a credential."""
