"""Refusals that no rule of the protocol makes, such as that the server is busy."""


class Problem(Exception):
    """Answered over HTTP as a problem document; its words stand in the catalogues under `http`.

    Args:
        status: the HTTP status.
        code: stable, like those of crypto/errors.py.
        retry_after: seconds after which the same request may succeed.
        place: in the line, where one is kept.
    """

    def __init__(
        self, status: int, code: str, retry_after: int | None = None, place: int | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.place = place


def busy(seconds: int = 1, place: int | None = None) -> Problem:
    """There is no place for this request now; the same one may succeed after so many seconds."""
    return Problem(503, "busy", seconds, place)
