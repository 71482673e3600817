"""What the books refuse beyond the protocol: codes, paper ballots, questions, versions."""

from crypto.errors import Refused


class CodeTaken(Refused):
    """Another account of a messenger has shown this code, or this account another one."""

    code = "code_taken"


class StorageVersion(Refused):
    """A database was made by another version of this program."""

    code = "storage_version"


class BookHeld(TimeoutError):
    """Another program has the database open for writing, longer than is waited for."""


class BookLost(Refused):
    """A book does not know a session that the other one, or its keys, know."""

    code = "book_lost"


class BookTaken(Refused):
    """Another server has this ballot box, from another data directory."""

    code = "book_taken"


class PaperIssued(Refused):
    """This person has a paper ballot."""

    code = "paper_issued"


class HasToken(Refused):
    """This person has a token: no paper ballot beside it."""

    code = "has_token"


class NoPaper(Refused):
    """This person has no paper ballot that could be taken back or exchanged."""

    code = "no_paper"


class PaperSettled(Refused):
    """The paper ballots have been entered alike by two people."""

    code = "paper_settled"


class QuestionsFull(Refused):
    """The session has as many questions as are kept."""

    code = "questions_full"
