"""Running a session: one module for each thing that is done, without a word about screens.

Preparing: ``form`` reads session.toml, ``workbook`` and ``sheet`` read spreadsheets, ``officials``
and ``roster`` what stands in them, ``alike`` finds one person written twice, ``draft`` puts all of
it together, ``template`` writes a new one, ``codes`` makes and reads invitation codes.

Running: ``place`` and ``keys`` know where things are, ``house`` opens the books, ``attend`` is the
registrar's side and ``cast`` the box's, which never meet; ``seal`` and ``run`` are the life cycle.
"""
