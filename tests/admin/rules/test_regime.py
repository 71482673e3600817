from importlib import resources
from pathlib import Path

import pytest

from admin.rules import regime, toml_form
from crypto.errors import Malformed

PAGE = Path(regime.__file__).parents[2] / "bot/miniapp/src/protocol"
SOURCE = (resources.files("admin.rules") / "nq96-2023" / "regime.toml").read_text("utf-8")


def changed(old: str, new: str, count: int = 1) -> bytes:
    assert old in SOURCE
    return SOURCE.replace(old, new, count).encode()


def test_the_built_in_regimes_load_under_their_names():
    ids = regime.builtin_ids()
    assert ids == (
        "nq35-2012",
        "nq85-2014",
        "nq96-2023",
        "qd262-2014",
        "qd96-2023",
        "two-level-nq85",
        "two-level-nq96",
    )
    assert [regime.load(name).id for name in ids] == list(ids)


def test_two_level_stands_for_the_resolution_in_force():
    assert regime.load("two-level") == regime.load("two-level-nq96")
    assert regime.load("two-level").level_keys == ("confidence", "no_confidence")


def test_the_page_has_the_same_levels():
    """Made anew with: python -m admin.rules.regime > PAGE/results/regimes.json."""
    path = PAGE / "results/regimes.json"

    assert path.read_bytes() == regime.described_levels()


def test_the_auditors_page_has_the_same_rules():
    """Made anew with: python -m admin.rules.regime rules > PAGE/results/rules.json."""
    path = PAGE / "results/rules.json"

    assert path.read_bytes() == regime.described_rules()


def test_a_regime_says_whose_it_is():
    """Its name does not: rules of an organiser's own are called as they like."""
    kinds = {name: regime.load(name).kind for name in regime.builtin_ids()}
    assert {name for name, kind in kinds.items() if kind == "party"} == {"qd262-2014", "qd96-2023"}


@pytest.mark.parametrize("name", regime.builtin_ids())
def test_a_state_body_counts_all_its_delegates_and_a_party_body_those_summoned(name: str):
    """By laws on their organisation, which were not read; by QĐ 96-QĐ/TW. No paper cites either."""
    rules = regime.load(name)
    assert rules.quorum is not None
    of_state = rules.kind == "state"

    assert rules.quorum_of(summoned=48, members=53) == (53 if of_state else 48)
    assert ("96-QĐ/TW" in rules.quorum.rule) != of_state
    assert not (of_state and rules.quorum.verified)
    own = rules.model_copy(update={"quorum": None})
    assert own.quorum_of(summoned=48, members=53) == 48


def test_what_was_not_read_is_a_default():
    assert regime.load("nq96-2023").defaults == ("blank", "invalid")
    assert regime.load("two-level-nq96").defaults == ("blank", "invalid", "no_confidence_over_half")
    assert regime.load("qd262-2014").defaults == ()


@pytest.mark.parametrize(
    ("name", "code", "strict"),
    [
        ("nq35-2012", "low_two_thirds", True),  # "trên hai phần ba"
        ("nq85-2014", "low_two_thirds", False),  # "từ hai phần ba … trở lên"
        ("nq96-2023", "low_two_thirds", False),
        ("qd96-2023", "low_two_thirds", False),
        ("nq35-2012", "low_over_half", True),
        ("two-level-nq85", "no_confidence_over_half", True),
        ("two-level-nq96", "no_confidence_over_half", True),
    ],
)
def test_above_and_from_are_not_the_same(name, code, strict):
    (rule,) = [rule for rule in regime.load(name).findings if rule.code == code]
    assert rule.strict is strict


def test_the_two_resolutions_divide_by_different_totals():
    assert regime.load("nq85-2014").denominator.kind == "delegates"
    assert regime.load("nq96-2023").denominator.kind == "collected"


def test_a_regime_of_ones_own_is_read_from_its_path(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_bytes(changed('id = "nq96-2023"', 'id = "own-rules"'))
    assert regime.load(str(path)).id == "own-rules"


def test_an_identical_copy_of_a_built_in_regime_may_keep_its_name(tmp_path: Path):
    path = tmp_path / "copy.toml"
    path.write_text(SOURCE, encoding="utf-8")
    assert regime.load(str(path)) == regime.load("nq96-2023")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "nq96-2023"', 'id = "two-level"', "two-level stands for two-level-nq96"),
        ('kind = "collected"', 'kind = "delegates"', r"copy[.]toml: id: nq96-2023 is a built-in"),
    ],
)
def test_other_rules_may_not_take_a_built_in_name(tmp_path: Path, old: str, new: str, why: str):
    """Neither that of a regime nor the one that stands for another."""
    path = tmp_path / "copy.toml"
    path.write_bytes(changed(old, new))
    with pytest.raises(Malformed, match=why):
        regime.load(str(path))


def test_an_unknown_name_is_not_taken_for_a_path():
    with pytest.raises(regime.UnknownRegime):
        regime.load("nq97-2031")


def test_a_missing_file_is_the_operating_systems_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        regime.load(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "state"\n', "", "own.toml: kind: Field required"),
        ('kind = "state"', 'kind = "nation"', "own.toml: kind: "),
        ('kind = "collected"', 'kind = "valid"', "denominator.kind: "),
        ('kind = "collected"', 'kind = "collected"\nspare = 1', "denominator.spare: Extra inputs"),
        ("threshold = [1, 2]", "threshold = [1, 0]", "findings.0.threshold.1: "),
        ("threshold = [1, 2]", "threshold = [0.5, 1]", "findings.0.threshold.0: "),
        ("threshold = [1, 2]", "threshold = [3, 2]", "threshold is more than the whole"),
        ("threshold = [2, 3]", "threshold = [1, 3]", "from the lowest threshold"),
        ("strict = true", 'strict = "yes"', "findings.0.strict: "),
        ('code = "low_over_half"', 'code = "low"', "findings.0.code: "),
        ('code = "low_over_half"', 'code = "low_two_thirds"', "findings repeat a code"),
        ('level = "low"', 'level = "no_confidence"', "a level that is not on the ballot"),
        ('key = "medium"', 'key = "low"', "levels are high, medium, low"),
        ('policy = "invalid_line"', 'policy = "counts"', "blank.policy: "),
        ('policy = "invalid_line"', 'policy = "counts_as_no"', "only where there are two levels"),
        ("\nverified = true", "\nverified = 2023-06-23", "denominator.verified: "),
        ('id = "nq96-2023"', 'id = "NQ 96"', "id: "),
        ('instrument = "', 'instrument = "\\u202e', "instrument: "),
        ('id = "nq96-2023"', "id = nan", "own.toml: "),
        ('id = "nq96-2023"', "id = ", "not TOML"),
    ],
)
def test_a_bad_regime_is_refused_with_file_and_key(old, new, message):
    with pytest.raises(Malformed) as caught:
        regime.decode(changed(old, new), "own.toml")
    assert str(caught.value).startswith("own.toml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff", b"a=" + b"[" * 5000, b"#" * (toml_form.MAX_FILE + 1)])
def test_hostile_bytes_are_refused(data):
    with pytest.raises(Malformed, match=r"^own[.]toml: "):
        regime.decode(data, "own.toml")
