"""The papers of a session: what is printed, posted and filed after the vote.

``chart`` draws the results as a picture; ``typeset`` is the only module that knows Typst. The
templates beside them say how a paper looks, the catalogues of words what it says.
"""
