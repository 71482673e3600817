"""What lives here: two books of facts, kept safely, that share no key.

`registrar` knows persons and never a credential; `box` knows credentials and ballots and never
a person. `books` opens them, `database` is how both reach SQLite or PostgreSQL, `rows` are
their values, `migrations` the history of their tables.

What must never happen twice is a constraint of the tables. No row has a time or a running
number. That hides the order of arrival once a book is rewritten at the close, not from
someone who copies the file of a live server again and again.
"""
