"""The registrar's book and the box's book, which share no key; still empty."""
