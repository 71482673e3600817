"""The worlds that tests live in.

| module | world |
|---|---|
| testkit (one up) | a session in memory with every secret at hand, and the record of it |
| hall | data directories, both books, sealed sessions, a server in a thread, plain HTTP calls |
| process | the server as a person starts it |
| scene | the bot, and people on the phones of the stand-in (tests/telegram) |
| office | a secretary's desk: commands, and whoever would come over the network |
| paper | the same desk with paper ballots |
| quick | a server that does not dawdle |
| keys, shelf | what is made or checked once a worker |

Shared by all tests of a worker: the committee, its keys and the issuer's (testkit), the check of
that key (keys), empty books (hall), an office at each stage (office: copied), and the servers of
tests/bot, tests/attacks, tests/admin/client, tests/browser, on which each test has a session of
its own.

Not shared, and why:
- the bot (scene): it tells people of every session in its books, and its stand-in has one log;
- tests/fault: processes die, and with them whatever else they served;
- attacks/sitting, attacks/chatting, e2e: they look at every byte of a data directory, in which
  nothing of another session may stand; each is made once for the tests of its module;
- the servers of bot/web/test_serve and test_tls_serve: their start and end are what is tested.
"""
