"""The history of the box's tables."""
