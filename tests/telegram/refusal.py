"""What the bot is told instead of a result: https://core.telegram.org/bots/api#making-requests."""

from typing import Final

NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


class Refusal(Exception):
    """A call that is not done, with the code, words and parameters of its answer."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refusal:
    """The call makes no sense."""
    return Refusal(400, f"Bad Request: {description}")


def forbidden(description: str) -> Refusal:
    """The call makes sense, but this bot may not."""
    return Refusal(403, f"Forbidden: {description}")


def conflict(description: str) -> Refusal:
    """Somebody else does the same."""
    return Refusal(409, f"Conflict: {description}")


def flooded(seconds: int) -> Refusal:
    """Too often; later."""
    description = f"Too Many Requests: retry after {seconds}"
    return Refusal(429, description, retry_after=seconds)
