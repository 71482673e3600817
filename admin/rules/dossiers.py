"""The dossier of an official that a regulation asks for, and the outline of the self-report.

``dossiers.toml`` in the folder of a regulation. What a file is, is told by its name.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

from pydantic import Field

from admin.rules import toml_form
from admin.rules.regime import Bilingual, Phrase
from admin.rules.toml_form import TomlTable

Kind = Literal["self_report", "explanation", "voters_opinions", "asset_declaration", "other"]

FILE: Final = "dossiers.toml"  # in the folder of a regime
KINDS: Final[tuple[Kind, ...]] = (
    *("self_report", "explanation", "voters_opinions", "asset_declaration", "other"),
)
# The first that fits decides: a self-report may also explain, and anything may be called a report.
_NAMES: Final[tuple[tuple[Kind, str], ...]] = (
    ("self_report", r"(bao-cao-)?tu-(danh-gia|kiem-diem)|ban-(tu-)?kiem-diem"),
    ("explanation", r".*giai-trinh"),
    ("voters_opinions", r".*(y-kien|kien-nghi)(-[a-z]+){0,3}-cu-tri"),
    ("asset_declaration", r".*ke-khai"),
    ("self_report", r"bao-cao"),
)


class Piece(TomlTable):
    """A kind of document in each official's dossier."""

    kind: Kind
    required: bool
    """Whether every official has one; else it is there if there is something to say."""
    due: tuple[str, ...]
    """The keys of the deadlines by which it is there; those of a plan, whichever it has."""
    ends: tuple[str, ...]
    """The keys of the deadlines that are met once every official's is there."""
    rule: Phrase
    verified: bool
    """Whether ``rule`` was read."""


class Section(TomlTable):
    """A heading of the self-report."""

    title: Bilingual
    hint: Bilingual | None = None
    fill: Literal["person"] | None = None
    """What is filled in under it."""
    rule: Phrase
    verified: bool


class Dossier(TomlTable):
    """The dossier that a regulation asks for; empty where nothing was read."""

    pieces: Annotated[tuple[Piece, ...], Field(max_length=len(KINDS))] = ()
    outline: tuple[Section, ...] = ()


@cache
def of_regime(regime_id: str) -> Dossier:
    """The dossier that a built-in regulation asks for; empty for any other."""
    path = resources.files("admin.rules") / regime_id / FILE
    if not path.is_file():
        return Dossier()
    return toml_form.strict(path.read_bytes(), f"{regime_id}/{FILE}", Dossier)


def kind_of(name: str) -> Kind:
    """The kind of a file, by its name after the official's number, with or without tone marks."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    slug = re.sub(r"^[0-9]{1,3}-?", "", slug)
    return next((kind for kind, form in _NAMES if re.match(form, slug)), "other")


def due(regime_id: str) -> frozenset[str]:
    """The keys of the deadlines by which an official's office hands something in."""
    return frozenset(key for piece in of_regime(regime_id).pieces for key in piece.due)


def met(regime_id: str, lacking: Iterable[Kind]) -> frozenset[str]:
    """The keys of the deadlines that are met, when only pieces of these kinds are missing."""
    missing = set(lacking)
    required = [piece for piece in of_regime(regime_id).pieces if piece.required]
    late = {key for piece in required if piece.kind in missing for key in piece.ends}
    return frozenset({key for piece in required for key in piece.ends} - late)
