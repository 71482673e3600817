"""A strict stand-in for Telegram's Bot API server: what our bot needs of it, and its refusals.

standin.py      the server on the loopback, what a test holds in its hands: start here
people.py       persons: they say, tap, share, block, and see what the bot wrote
groups.py       groups with anonymous administrators, and channels
rooms.py        what a test sees of both, and what is written in any chat
snapshot.py     a message as people see it
cloud.py        everything the simulated Telegram knows
updates.py      the queue of what happened, until the bot acknowledges it
webhook.py      the same, posted to the bot
methods.py      a call of the bot: known, allowed, then done
parameters.py   the names each method takes, and reading them
messages.py     send, edit, delete, pin, answer a tap
files.py        documents and photos
profile.py      commands, descriptions, menu button
markup.py       keyboards
launching.py    what a Mini App is opened with
formatting.py   HTML and entities
refusal.py      what the bot is told instead of a result
flood.py        too many messages
faults.py       broken networks on demand
body.py         what stands in a request
connections.py  what clients open, and what can be cut
oracle.py       somebody else's reading of the Bot API, asked by every test of the bot

The demo's chat channels use it, too, from a checkout. Its own tests are in tests/.

It refuses more than Telegram does: a method or parameter that our bot does not use is unknown here.
How objects are built, down to each name, is for oracle.py to judge. What it says in English are
Telegram's own words. It keeps everything in memory, asks nobody for anything
and proves nothing about Telegram's own secrecy: there the operator of the server sees every
message.
"""
