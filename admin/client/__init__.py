"""What runs on other people's machines and talks to a server: the voter's and the trustee's side.

http.py      how a server is asked, anonymously or with a bearer
shown.py     what a server shows of a session, and what of it is found true
voter.py     the whole voter: credential, token, ballot, promise
trustee.py   a committee member: ceremony, signature of φ, share of the totals

Nothing here believes a server: every answer is checked against φ, a key or a list.
"""
