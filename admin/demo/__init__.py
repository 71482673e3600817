"""`phieukin demo`: a whole session on this machine, with simulated people and real protocol.

scenario.py     who is rated and how everyone will vote
session.py      the session from draft to record: the house's own steps, everyone else a client
one_process.py  what the clients ask is answered within this process
server.py       or by a real server in a process of its own
chat.py         delegates use that server's bot, all or two of three
miniapp.py      or are checked in by what Telegram signs
phones.py       what delegates, the chair and an observer do on their phones
background.py   what goes on in a thread beside

The bot talks to the stand-in for Telegram of tests/telegram, which only a checkout has.
"""
