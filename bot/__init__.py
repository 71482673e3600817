"""The chat bot and the web side, through which delegates and chairs take part; still empty."""
