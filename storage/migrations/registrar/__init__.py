"""The history of the registrar's tables."""
