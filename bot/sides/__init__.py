"""The registrar's and the box's side of a running server, which the web and the chat both ask."""
