"""The web side, through which delegates and the committee take part; the chat bot follows."""
