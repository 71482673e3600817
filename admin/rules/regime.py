"""A regulation, read from its TOML file into a value that cannot be half valid.

Each value says in ``rule`` where it stands and in ``verified`` whether that text was read; a
value that was not is a default the organiser may override. The secretary is told so, nobody else.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from admin.rules import labels, toml_form
from admin.rules.toml_form import MAX_FILE, TomlTable
from admin.words import LANGUAGES, Language, words
from crypto.encoding import canonical
from crypto.errors import Malformed

LevelKey = Literal["high", "medium", "low", "confidence", "no_confidence"]
RegimeKind = Literal["party", "state"]
DenominatorKind = Literal["delegates", "collected"]
FindingCode = Literal["low_over_half", "low_two_thirds", "no_confidence_over_half"]

THREE_LEVELS: tuple[LevelKey, ...] = ("high", "medium", "low")
TWO_LEVELS: tuple[LevelKey, ...] = ("confidence", "no_confidence")

# Visible characters and plain spaces, so that no text can rewrite the line it is printed on.
Phrase = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,600}$"
    ),
]

FILE = "regime.toml"  # in the folder of a regime
ALIASES: Mapping[str, str] = {"two-level": "two-level-nq96"}


class UnknownRegime(LookupError):
    """The name is neither a built-in regime nor a path that ends in .toml."""


class Bilingual(TomlTable):
    """The same words in Vietnamese, which the rule uses, and in English."""

    vi: Phrase
    en: Phrase


Label = Annotated[str, AfterValidator(labels.spelled)]


class BilingualLabel(TomlTable):
    """The words of a level: the Vietnamese ones stand in the definition and on the ballot."""

    vi: Label
    en: Label


class BallotLevel(TomlTable):
    """One column of the ballot: what is counted, and what is read."""

    key: LevelKey
    label: BilingualLabel


class Denominator(TomlTable):
    """The divisor of the percentages; never the number of valid ballots."""

    kind: DenominatorKind
    rule: Phrase
    verified: bool


class Blank(TomlTable):
    """How a line without a mark is counted."""

    policy: Literal["invalid_line", "counts_as_no"]
    """``invalid_line``: it is in the denominator, in no level; ``counts_as_no``: it is counted with
    the lower of two levels."""
    rule: Phrase
    verified: bool


class Invalid(TomlTable):
    """How far a line without a valid mark reaches: that line, or the whole ballot."""

    scope: Literal["line", "ballot"]
    """On a ballot with several names."""
    one_name: Literal["line", "ballot"] = "ballot"
    """On a ballot with one name, which has no other line that could be valid."""
    rule: Phrase
    verified: bool


class FindingRule(TomlTable):
    """A share of the denominator from which a rule speaks about an official."""

    code: FindingCode
    level: LevelKey
    threshold: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]]
    """Numerator and denominator."""
    strict: bool
    """Whether the share must be more than the threshold; else from the threshold on."""
    text: Bilingual
    rule: Phrase
    verified: bool

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.threshold[0] > self.threshold[1]:
            raise ValueError("threshold is more than the whole")
        return self

    def applies(self, count: int, denominator: int) -> bool:
        """Whether ``count`` of ``denominator`` reaches the threshold: "quá nửa" is 2·count > N."""
        numerator, whole = self.threshold
        reached, needed = whole * count, numerator * denominator
        return reached > needed if self.strict else reached >= needed


class EligibilityRule(TomlTable):
    """A ground on which an official is not rated; admin/rules/eligibility.py applies it."""

    kind: Literal["retirement_notice", "in_post_this_year", "months_in_post", "illness_months"]
    """``retirement_notice``: retirement was announced; ``in_post_this_year``: elected or appointed
    in the year of the vote; ``months_in_post``: not yet so many months in post;
    ``illness_months``: certified illness without work for so many months."""
    least: Annotated[int, Field(ge=1, le=120)] | None = None
    """The number of months, of the two kinds that have one."""
    text: Bilingual
    """The reason, as the minutes give it."""
    rule: Phrase
    verified: bool

    @model_validator(mode="after")
    def _months(self) -> Self:
        if (self.least is None) == (self.kind in {"months_in_post", "illness_months"}):
            raise ValueError("least is the number of months of months_in_post and illness_months")
        return self


class Quorum(TomlTable):
    """The least part who must be present."""

    part: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1, le=999)]]
    base: Literal["summoned", "delegates"]
    """Of those summoned, excused absentees included, as QĐ 96-QĐ/TW says; or of all members of the
    body, as the laws on the organisation of State bodies do."""
    rule: Phrase
    verified: bool

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.part[0] > self.part[1]:
            raise ValueError("part is more than the whole")
        return self


class Regime(TomlTable):
    """A regulation: what is on the ballot, what it is measured by, what the results say."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    kind: RegimeKind
    """Of the Party (quy định) or of the State (nghị quyết): decides the words of letters and chat,
    and the layout of the minutes."""
    instrument: Phrase
    title: Bilingual
    levels: tuple[BallotLevel, ...]
    denominator: Denominator
    blank: Blank
    invalid: Invalid
    findings: tuple[FindingRule, ...]
    eligibility: tuple[EligibilityRule, ...] = ()
    quorum: Quorum | None = None
    may_sign: bool = False
    """Whether voters may sign their paper ballots or leave them unsigned, as the rule says."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.level_keys not in {THREE_LEVELS, TWO_LEVELS}:
            raise ValueError(
                "levels are high, medium, low or confidence, no_confidence, in this order"
            )
        labels.check_apart(self.labels_in("vi"))
        labels.check_apart(self.labels_in("en"))
        if self.blank.policy == "counts_as_no" and self.level_keys != TWO_LEVELS:
            raise ValueError("a blank line counts as no only where there are two levels")
        kinds = [rule.kind for rule in self.eligibility]
        if len(set(kinds)) != len(kinds):
            raise ValueError("eligibility repeats a kind")
        codes = [finding.code for finding in self.findings]
        if len(set(codes)) != len(codes):
            raise ValueError("findings repeat a code")
        if any(finding.level not in self.level_keys for finding in self.findings):
            raise ValueError("findings name a level that is not on the ballot")
        if any(not _weaker(a, b) for a, b in pairwise(self.findings)):
            raise ValueError("findings are not listed from the lowest threshold to the highest")
        return self

    @property
    def level_keys(self) -> tuple[LevelKey, ...]:
        """The keys of the levels, in the order of the ballot."""
        return tuple(level.key for level in self.levels)

    def labels_in(self, language: Language) -> tuple[str, ...]:
        """The words of the levels, in the order of the ballot."""
        return tuple(getattr(level.label, language) for level in self.levels)

    def label_of(self, key: str, language: Language) -> str:
        """The words over a column of results: of the level with this key, or of blank lines.

        Raises:
            KeyError: there is no such level.
        """
        columns: dict[str, str] = dict(zip(self.level_keys, self.labels_in(language), strict=True))
        return columns[key] if key != "blank" else words("levels.blank", language)

    def quorum_of(self, summoned: int, members: int) -> int:
        """Of how many people the quorum is a part."""
        of_all = self.quorum is not None and self.quorum.base == "delegates"
        return members if of_all else summoned

    @property
    def spoiled_alone(self) -> bool:
        """Whether a ballot with one name is invalid if it has no valid mark: on paper and not."""
        return self.invalid.one_name == "ballot" and self.blank.policy != "counts_as_no"

    def states(self, code: str) -> bool:
        """Whether papers may say what follows from a finding.

        Only law that was read is printed, and of a vote in two levels no consequence at all.
        """
        read: dict[str, bool] = {finding.code: finding.verified for finding in self.findings}
        return read.get(code, False) and self.level_keys == THREE_LEVELS

    @property
    def defaults(self) -> tuple[str, ...]:
        """The values whose text was not read: names of parts and codes of findings."""
        read: dict[str, bool] = {
            "denominator": self.denominator.verified,
            "blank": self.blank.verified,
            "invalid": self.invalid.verified,
            **{finding.code: finding.verified for finding in self.findings},
        }
        return tuple(name for name, verified in read.items() if not verified)


def _weaker(first: FindingRule, second: FindingRule) -> bool:
    return first.threshold[0] * second.threshold[1] < second.threshold[0] * first.threshold[1]


@cache
def builtin_ids() -> tuple[str, ...]:
    """The regimes that come with the program, in alphabetical order."""
    folders = resources.files("admin.rules").iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / FILE).is_file()))


def load(name: str) -> Regime:
    """The built-in regime with this id or alias, or the one in the TOML file at this path.

    Raises:
        UnknownRegime: neither of the two.
        Malformed: the file breaks the form of a regime; names the file and the keys.
        OSError: the file cannot be read.
    """
    name = ALIASES.get(name, name)
    if name in builtin_ids():
        return _builtin(name)
    if not name.endswith(".toml"):
        raise UnknownRegime(name)
    with Path(name).open("rb") as file:
        regime = decode(file.read(MAX_FILE + 1), name)
    if regime.id in ALIASES:
        raise Malformed(f"{name}: id: {regime.id} stands for {ALIASES[regime.id]}; choose another")
    if regime.id in builtin_ids() and regime != _builtin(regime.id):
        raise Malformed(
            f"{name}: id: {regime.id} is a built-in regime with other contents; choose another id"
        )
    check_own(regime, name)
    return regime


def check_own(own: Regime, path: str) -> None:
    """The words of our regimes keep their keys and their spelling in rules of one's own.

    Raises:
        Malformed: names the level.
    """
    for place, level in enumerate(own.levels):
        for language in LANGUAGES:
            label = getattr(level.label, language)
            pairs = _builtin_labels().get(labels.outline(label), frozenset())
            if pairs and (level.key, label) not in pairs:
                meant = " or ".join(f"“{known}” of {key}" for key, known in sorted(pairs))
                raise Malformed(
                    f"{path}: levels.{place}.label.{language}: “{label}” of {level.key} reads like "
                    f"{meant}"
                )


@cache
def _builtin_labels() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Key and label of the levels that come with the program, by the label's outline."""
    pairs: dict[str, frozenset[tuple[str, str]]] = {}
    for level in (level for name in builtin_ids() for level in _builtin(name).levels):
        for label in (level.label.vi, level.label.en):
            outline = labels.outline(label)
            pairs[outline] = pairs.get(outline, frozenset()) | {(level.key, label)}
    return pairs


def is_builtin(name: str) -> bool:
    """Whether a name is taken: of a regime that comes with the program, or an alias of one."""
    return name in ALIASES or name in builtin_ids()


def to_json(regime: Regime) -> dict[str, Any]:
    """A regime as it travels with a session; what is a default is not written."""
    return regime.model_dump(mode="json", exclude_defaults=True)


def from_json(value: object, path: str) -> Regime:
    """The regime of such a value; ``path`` names it in errors.

    Raises:
        Malformed: with every key that is wrong.
    """
    try:
        regime = Regime.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise Malformed(f"{path}: {toml_form.faults(error)}") from None
    if canonical(to_json(regime)) != canonical(value):
        raise Malformed(f"{path}: not the canonical spelling of its value")
    return regime


def encode(regime: Regime) -> str:
    """A TOML text that `decode` reads as this regime."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in to_json(regime).items())


def _toml(value: object) -> str:
    """JSON and TOML write text, numbers, lists and truth values alike, but not tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(member)}" for key, member in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@cache
def _builtin(regime_id: str) -> Regime:
    path = resources.files("admin.rules") / regime_id / FILE
    return decode(path.read_bytes(), f"{regime_id}/{FILE}")


def described_levels() -> bytes:
    """The regimes.json of bot/miniapp/src/protocol/results: keys and labels, for the page."""
    levels = {
        name: [{"key": level.key, "label": level.label.model_dump()} for level in load(name).levels]
        for name in builtin_ids()
    }
    return json.dumps(levels, ensure_ascii=False, indent=2).encode() + b"\n"


def described_rules() -> bytes:
    """The rules.json of the same folder: our regimes as they would travel, for whoever audits."""
    rules = {name: to_json(load(name)) for name in builtin_ids()}
    return json.dumps(rules, ensure_ascii=False, indent=2).encode() + b"\n"


def decode(data: bytes, file: str) -> Regime:
    """The regime in a TOML text; ``file`` names it in errors.

    Raises:
        Malformed: with the file and every key that is wrong.
    """
    return toml_form.strict(data, file, Regime)


if __name__ == "__main__":
    sys.stdout.buffer.write(described_rules() if "rules" in sys.argv else described_levels())
