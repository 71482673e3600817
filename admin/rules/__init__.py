"""The regulations as data, and the arithmetic they prescribe.

``regime`` reads a regulation, ``counts`` a spreadsheet of plain counts, ``compute`` makes the
results document, ``infer`` finds the total behind published percentages. Nothing here decides
anything about an official: a finding is the text of a rule and where that rule stands.
"""
