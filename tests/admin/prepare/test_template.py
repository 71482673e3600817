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
    titles = [draft.read(tmp_path / name).form.title for name in forms if name != "commune-council"]
    assert len(set(titles)) == len(
        titles
    )  # councils rate whom they elect, of communes and wards, too
    assert "72/2025/QH15" in forms["commune-council"]
    assert "Tổng số đại biểu của Hội đồng" not in forms["national-assembly"]
    assert forms["national-assembly"].count("# nq85-2014: ") == 1


def test_bodies_are_those_since_july_2025(tmp_path: Path):
    """No districts; a commune's boards; ballots by office, nine for the National Assembly."""
    blocks = {}
    for name in template.TEMPLATES:
        template.new(tmp_path / name, name, TODAY, UUID)
        drafted = draft.read(tmp_path / name)
        people = [(row.name, row.position, row.managed, row.block) for row in drafted.rows]
        assert not any("huyện" in text.casefold() for row in people for text in row)
        assert not any("–" in text for row in people for text in row)
        blocks[name] = [block.officials for block in drafted.blocks]
        if name == "commune-council":
            boards = {position for _, position, *_ in people if position.startswith("Trưởng Ban")}
            assert boards == {
                "Trưởng Ban Kinh tế - Ngân sách Hội đồng nhân dân xã",
                "Trưởng Ban Văn hóa - Xã hội Hội đồng nhân dân xã",
            }

    assert len(blocks["national-assembly"]) == 9
    assert blocks["people-council"] == [1, 1, 1, 2]
    assert blocks["party-committee"] == []


def test_the_form_alone_says_how_ballots_may_be_electronic(tmp_path: Path):
    """What its comment says makes the same draft as the option does, whose form is silent on it."""
    template.new(tmp_path / "paper", "people-council", TODAY, UUID)
    template.new(tmp_path / "electronic", "people-council", TODAY, UUID, electronic=True)
    form = tmp_path / "paper" / "session.toml"
    text = form.read_text("utf-8").replace("# trustees", "trustees")
    of_option = (tmp_path / "electronic" / "session.toml").read_text("utf-8")
    assert "chỉ khi quy chế của cơ quan cho phép" in text
    assert "chỉ khi quy chế của cơ quan cho phép" in of_option
    assert 'đổi dòng trên thành:\n# channels = ["miniapp"' in text
    assert "# channels" not in of_option
    text = text.replace("# threshold", "threshold").replace(
        'channels = ["paper"]', 'channels = ["miniapp", "browser", "cli", "paper"]'
    )
    assert draft.read(tmp_path / "paper").on_paper
    form.write_text(text, "utf-8")

    by_hand, by_option = draft.read(tmp_path / "paper"), draft.read(tmp_path / "electronic")
    assert by_hand.policy == by_option.policy
    assert (by_hand.trustees, by_hand.threshold) == (by_option.trustees, by_option.threshold)


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
