"""The running server, by which delegates and the committee take part.

`sides` holds the registrar's side and the box's side; `web` answers HTTP requests and `chat`
Telegram's updates by asking them. `app` puts together what this host serves, `server` listens,
`limits` bounds what one request may cost, and `logs` tells the operator without leaking anything.
"""
