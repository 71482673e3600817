"""All forgeries, and a part of them that a seed chooses."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from crypto.encoding import sha256
from tests.attacks.forgeries import Forgery, files, parties


def every() -> list[Forgery]:
    """Each of them; what has the same name as one before gets a number."""
    counted: Counter[str] = Counter()
    named = []
    for forgery in _every():
        counted[forgery.name] += 1
        number = counted[forgery.name]
        name = forgery.name if number == 1 else f"{forgery.name} ({number})"
        named.append(replace(forgery, name=name))
    return named


def _every() -> Iterator[Forgery]:
    yield from files.containers()
    yield from files.altered_files()
    yield from files.tokens()
    yield from files.checkpoints()
    yield files.stripped()
    yield from parties.voters()
    yield from parties.trustees()
    yield from parties.chair()
    yield from parties.server()
    yield from parties.issuer()
    yield from parties.missing_quorum()


def chosen(number: int, seed: int, forgeries: list[Forgery]) -> list[Forgery]:
    """So many, of each kind and each forger some; the same for the same seed and names.

    Of every (file, forger) one at least as far as the number goes, so that the long lists of
    fields do not crowd out what there is little of.
    """
    ranked = sorted(forgeries, key=lambda forgery: sha256(f"{seed} {forgery.name}".encode()))
    lists: dict[tuple[str, str], list[Forgery]] = {}
    for forgery in ranked:
        lists.setdefault((forgery.name.partition(":")[0], forgery.by), []).append(forgery)
    taken: list[Forgery] = []
    while len(taken) < min(number, len(ranked)):
        taken += [rest.pop() for rest in lists.values() if rest]
    return taken[:number]
