"""The documents of a session: what is printed, posted and filed.

``minutes`` is the count that the others tell of; ``compose`` and ``report`` make a sequence of
``elements`` of it, ``document`` and ``docx`` draw these. ``chart`` draws the results as a picture;
``typeset`` is the only module that knows Typst. The templates beside them say how a document
looks, the catalogues of words what it says.
"""
