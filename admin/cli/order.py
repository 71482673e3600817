"""Before a session opens: whether the one that it follows is over."""

from collections.abc import Mapping

from admin.cli import console
from admin.lifecycle.steps import Reason
from admin.words import words


def confirmed(reasons: Mapping[str, Reason], uuid: str, *, yes: bool) -> bool:
    """Says what nobody here can know; whether a person has answered for this session by now.

    Raises:
        click.UsageError: nobody is there to answer, and nobody has before.
        click.Abort: the answer is no.
    """
    for kind in ("unknown", "cancelled"):
        if (reason := reasons.get(f"before_{kind}")) is not None:
            console.warn(words(f"cli.order.{kind}", **reason.facts))
            if not yes:
                console.confirm(words("cli.order.ask"), uuid)
            return True
    return yes
