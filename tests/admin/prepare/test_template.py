"""A draft for each kind of body."""

from pathlib import Path

from admin.prepare import draft, template

UUID = "Phieu1Kin2Test3A"
TODAY = "2026-12-07"


def test_each_kind_of_body_has_its_own_words(tmp_path: Path):
    """Regime, titles and the comments above the keys; nothing is left of another kind's."""
    regimes = {
        "people-council": "nq96-2023",
        "party-committee": "qd96-2023",
        "national-assembly": "nq96-2023",
        "commune-council": "nq96-2023",
        "party-executive": "qd96-2023",
        "peoples-committee": "qd96-2023",
        "fatherland-front": "qd96-2023",
        "association": "quy-che-mau",
        "confidence-vote": "two-level-nq96",
    }
    forms = {}
    for name in template.TEMPLATES:
        template.new(tmp_path / name, name, TODAY, UUID)
        forms[name] = (tmp_path / name / "session.toml").read_text("utf-8")
        assert draft.read(tmp_path / name).regime.id == regimes[name]

    assert len({text.split("\n", 1)[0] for text in forms.values()}) == len(template.TEMPLATES)
    assert len({draft.read(tmp_path / name).form.title for name in forms}) == len(forms)
    assert "72/2025/QH15" in forms["commune-council"]
    assert "Tổng số đại biểu của Hội đồng" not in forms["national-assembly"]
    assert forms["national-assembly"].count("# nq85-2014: ") == 1


def test_a_state_body_has_the_papers_of_a_state_body(tmp_path: Path):
    """Under a Party regulation, too."""
    style = {}
    for name in ("party-executive", "peoples-committee", "fatherland-front", "association"):
        template.new(tmp_path / name, name, TODAY, UUID)
        style[name] = '\nstyle = "party"' in (tmp_path / name / "papers.toml").read_text("utf-8")

    assert style == {
        "party-executive": True,
        "peoples-committee": False,
        "fatherland-front": False,
        "association": False,
    }
