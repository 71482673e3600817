"""Before a session opens: whether the one that it follows is over."""

from admin.cli import console
from admin.lifecycle.order import Before
from admin.words import words


def confirmed(before: Before | None, uuid: str, *, yes: bool) -> bool:
    """Says what nobody here can know; whether a person has answered for this session by now.

    Raises:
        click.UsageError: nobody is there to answer, and nobody has before.
        click.Abort: the answer is no.
    """
    if before is None:
        return yes
    kind = "unknown" if before.state is None else "cancelled"
    console.warn(words(f"cli.order.{kind}", before=before.uuid))
    if not yes:
        console.confirm(words("cli.order.ask"), uuid)
    return True
