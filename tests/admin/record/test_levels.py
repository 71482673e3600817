"""What voters read is what is counted, also where everybody has signed something else."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from admin.record import bundle, levels
from admin.record.session_file import SessionFile
from admin.rules import regime
from crypto.encoding import sha256
from crypto.errors import BadDefinition, BadRecord, Incomplete, Malformed
from crypto.session import Level, define
from tests import testkit
from tests.admin.rules.test_labels import OWN, WORDS
from tests.verdicts import Verdict, judge

HIGH, MEDIUM, LOW = HONEST = testkit.session().parameters.policy.levels
PATH = "election.phieukin.policy.levels"


def labelled(level: Level, label: str) -> Level:
    return replace(level, label=label)


@cache
def own() -> SessionFile:
    """session.json with rules of the body's own, and words of its own."""
    text = OWN
    for level, word in zip(HONEST, WORDS.values(), strict=True):
        text = text.replace(f'vi = "{level.label}"', f'vi = "{word}"')
    return replace(testkit.HUMAN, rules=regime.decode(text.encode(), "own.toml"))


OWN_LEVELS = tuple(Level(key, word) for key, word in WORDS.items())


def audited(
    written: Sequence[Level], human: SessionFile = testkit.HUMAN, suffix: str = bundle.SUFFIX
) -> Verdict:
    """A session that is honest in all but its levels, which even all trustees signed."""
    base = testkit.session()
    rules = human.rules or regime.load(testkit.REGIME)
    policy = replace(base.parameters.policy, levels=tuple(written), regime=rules.id)
    parameters = replace(base.parameters, policy=policy, session=sha256(human.encode()))
    election = define(
        name=testkit.HUMAN.name,
        description="",
        uuid=testkit.UUID,
        trustees=base.trustees,
        parameters=parameters,
    )
    session = replace(base, election=election, human=human)
    votes = [session.vote(i, (0, 1, None)) for i in range(6)]
    parts = session.archived(votes)
    if suffix == ".bel":
        return judge(parts.archive, suffix)
    right = tuple(Level(level.key, level.label.vi) for level in rules.levels)
    counted = replace(parameters, policy=replace(policy, levels=right))
    return judge(session.bundle(session.sign(parts, counted)))


DECEIVING: dict[str, tuple[Sequence[Level], str]] = {
    "crossed": (
        (labelled(HIGH, LOW.label), MEDIUM, labelled(LOW, HIGH.label)),
        (
            "[0]: “Tín nhiệm thấp” with the key high, not “Tín nhiệm cao” with the key high of "
            "nq96-2023"
        ),
    ),
    "in another order": (
        (LOW, MEDIUM, HIGH),
        (
            "[0]: “Tín nhiệm thấp” with the key low, not “Tín nhiệm cao” with the key high of "
            "nq96-2023"
        ),
    ),
    "keys crossed": ((replace(HIGH, key="low"), MEDIUM, replace(LOW, key="high")), "[0]"),
    "another key": ((HIGH, MEDIUM, replace(LOW, key="lower")), "[2]"),
    "a Cyrillic letter": (
        (labelled(HIGH, "Tín nhiệm \u0441ao"), MEDIUM, LOW),
        "[0]: “Tín nhiệm \u0441ao” with the key high (U+0441 in it), not “Tín nhiệm cao”",
    ),
    "two blanks": ((labelled(HIGH, "Tín nhiệm  cao"), MEDIUM, LOW), "[0]"),
    "a blank at the end": ((labelled(HIGH, "Tín nhiệm cao "), MEDIUM, LOW), "[0]"),
    "a no-break space": ((labelled(HIGH, "Tín nhiệm\u00a0cao"), MEDIUM, LOW), "[0]"),
    "another case": ((HIGH, labelled(MEDIUM, "Tín Nhiệm"), LOW), "[1]"),
    "without marks": ((HIGH, MEDIUM, labelled(LOW, "Tin nhiem thap")), "[2]"),
    "other words": ((HIGH, MEDIUM, labelled(LOW, "Chưa tín nhiệm")), "[2]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DECEIVING)
@pytest.mark.parametrize("suffix", [bundle.SUFFIX, ".bel"])
def test_levels_that_are_not_the_regimes_are_found(name: str, suffix: str):
    """In the record and in a bare archive; the detail names the level, and what it must be."""
    written, message = DECEIVING[name]

    verdict = audited(written, suffix=suffix)

    assert verdict.outcome == "BadDefinition at levels"
    assert f"{PATH}{message}" in str(verdict.error)


def test_a_level_too_few_or_too_many_is_found():
    few = audited((HIGH, LOW), suffix=".bel")
    many = audited((*HONEST, Level("none", "Không rõ")), suffix=".bel")

    assert (few.outcome, many.outcome) == ("BadDefinition at levels",) * 2
    assert "[1]: “Tín nhiệm thấp” with the key low" in str(few.error)
    assert "[3]: “Không rõ” with the key none, not no level" in str(many.error)


@pytest.mark.parametrize("suffix", [bundle.SUFFIX, ".bel"])
def test_the_regimes_levels_pass(suffix: str):
    assert audited(HONEST, suffix=suffix).error is None


def test_a_label_twice_or_not_composed_is_no_definition():
    """Whatever the regime says: two choices that voters could not tell apart, or two spellings."""
    for label in (MEDIUM.label, unicodedata.normalize("NFD", LOW.label)):
        with pytest.raises(Malformed, match=r"^election"):
            audited((HIGH, MEDIUM, labelled(LOW, label)))


def test_rules_of_the_bodys_own_bring_words_of_its_own():
    assert audited(OWN_LEVELS, own()).error is None


def test_words_that_the_bodys_own_rules_do_not_have_are_found():
    """Also those that a built-in regime would have."""
    high, medium, low = OWN_LEVELS
    for written in ((low, medium, high), (HIGH, medium, low), (labelled(high, low.label), medium,
                    labelled(low, high.label))):  # fmt: skip
        assert audited(written, own()).outcome == "BadDefinition at levels"


def test_rules_of_the_bodys_own_whose_words_deceive_are_found():
    """They are signed, and their levels are the definition's; but “thấp” counts as high."""
    rules = own().rules
    assert rules is not None
    first, second, third = rules.levels
    label = first.label.model_copy(update={"vi": LOW.label})
    crossed = [first.model_copy(update={"label": label}), second, third]
    deceiving = replace(own(), rules=rules.model_copy(update={"levels": tuple(crossed)}))
    verdict = audited((labelled(HIGH, LOW.label), *OWN_LEVELS[1:]), deceiving)

    assert verdict.outcome == "Malformed at levels"
    assert "session.json.rules: levels.0.label.vi: “Tín nhiệm thấp” of high" in str(verdict.error)


def test_without_session_json_only_our_regimes_are_known():
    """An archive under other rules is not refused, but its check is not complete."""
    assert audited(OWN_LEVELS, own(), ".bel").outcome == "Incomplete at levels"
    policy = testkit.session().parameters.policy

    assert levels.check(policy, None) == levels.check(policy, testkit.HUMAN)
    with pytest.raises(Incomplete, match="two-level is not known"):
        levels.check(replace(policy, regime="two-level"), None)
    with pytest.raises(BadDefinition, match="no level"):
        levels.check(replace(policy, levels=()), testkit.HUMAN)


@pytest.mark.parametrize("digest", ["0" * 64, "f" * 64])
def test_the_session_file_is_the_one_of_the_definition(digest: str):
    base = testkit.session()
    parameters = replace(base.parameters, session=digest)

    with pytest.raises(BadDefinition, match=r"session\.json: its hash"):
        levels.read_with(base.election, parameters, testkit.HUMAN.encode())


def test_a_session_file_that_contradicts_its_own_definition_is_refused():
    base, other = testkit.session(), replace(testkit.HUMAN, title="Lấy phiếu lần hai")
    parameters = replace(base.parameters, session=sha256(other.encode()))

    with pytest.raises(BadRecord):
        levels.read_with(base.election, parameters, other.encode())
