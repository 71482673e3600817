"""What runs on other people's machines and talks to a server: the voter's and the trustee's side.

server.py        how a server is asked: Box anonymously, Registrar with a bearer
session_view.py  the definition, state and checkpoints that a server shows, checked
voter.py         the whole voter: credential, token, ballot, promise (docs/protocol.md §5.2, §5.3)
trustee.py       a committee member: ceremony, signature of φ, share of the totals (§5.1, §7.2)

Nothing here believes a server: every answer is checked against φ, a key or a signed list. Nothing
here imports storage, bot or the use cases: a voter's machine has no books.
"""
