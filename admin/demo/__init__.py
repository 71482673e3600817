"""`phieukin demo`: a whole session on this machine, with simulated people and real protocol.

scenario.py   who is rated and how everyone will vote
committee.py  three trustees make a key and later open the totals
house.py      the registrar, who knows who votes, and the box, which knows what is cast
delegate.py   one voter: credential, token, ballot, promise
session.py    the session from seal to record
server.py     a real server in a process of its own
http.py       the same session through that server, everyone a client of it
chat.py       the same through that server's bot, all in chat or every third one as in http.py
phones.py     what delegates, the chair and an observer do on their phones

The bot talks to the stand-in for Telegram of tests/telegram, which only a checkout has.
"""
