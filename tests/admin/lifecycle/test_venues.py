"""At most two venues for one person, whatever the sessions of a data directory are."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from admin.lifecycle import venues
from admin.prepare import draft, template
from admin.prepare.draft import Draft
from admin.record.count import Cadre
from admin.record.session_file import SessionFile
from admin.session import books, cadres
from admin.session.books import Books
from admin.session.datadir import SETTINGS, DataDir
from admin.session.terms import Terms
from crypto.encoding import BASE58, sha256
from crypto.errors import Refused
from crypto.lifecycle import State, Step
from crypto.session import Level, Official, define
from storage.rows import Proposal
from tests import testkit

pytestmark = pytest.mark.slow

OWN = "Phieu1Kin2Test3A"
STEPS = {
    State.DRAFT: (),
    State.SEALED: (Step.SEAL,),
    State.CHECKIN: (Step.SEAL, Step.CHECK_IN),
    State.OPEN: (Step.SEAL, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX),
    State.CLOSED: (Step.SEAL, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, Step.CLOSE),
    State.FAILED: (Step.SEAL, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, Step.CLOSE, Step.FAIL),
    State.CANCELLED: (Step.SEAL, Step.CANCEL),
}
TWO = (Level("confidence", "Tín nhiệm"), Level("no_confidence", "Không tín nhiệm"))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Books]:
    """An empty data directory."""
    (tmp_path / SETTINGS).write_text("")
    async with books.opened(DataDir.open(tmp_path)) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    template.new(tmp_path / "d", "people-council", "2026-12-07", OWN)
    (tmp_path / "d" / "officials.xlsx").unlink()
    return tmp_path / "d"


def uuid(i: int) -> str:
    return f"Phieu1Kin2Test4{BASE58[i]}"


def made(folder: Path, *officials: str) -> Draft:
    rows = "".join(f"{official},1/7/2021\n" for official in officials)
    head = "ho_ten,chuc_vu,co_quan_quan_ly,ngay_bau\n"
    (folder / "officials.csv").write_text(head + rows, "utf-8")
    return draft.read(folder)


async def held(
    home: Books,
    i: int,
    *officials: tuple[str, str, str],
    state: State = State.CLOSED,
    date: str = "2026-12-05",
    after: str = "",
    **policy: object,
) -> None:
    """A session of the data directory, as far as that state."""
    names = tuple(Official(name, position) for name, position, _ in officials)
    authorities = tuple(authority for *_, authority in officials)
    human = SessionFile(
        uuid(i), f"Hội đồng {i}", "Lấy phiếu", date, "", 15, after=after,
        managed=authorities if any(authorities) else (),
    )  # fmt: skip
    sealed = testkit.session().parameters
    parameters = replace(
        sealed,
        session=sha256(human.encode()),
        officials=names or sealed.officials,
        policy=replace(sealed.policy, **({"rehearsal": False} | policy)),  # type: ignore[arg-type]
    )
    election = define(
        name=human.name, description="", uuid=uuid(i), trustees=testkit.session().trustees,
        parameters=parameters,
    )  # fmt: skip
    book = home.registrar
    await book.add_session(uuid(i), human.encode())
    await book.update_draft(uuid(i), Terms(3, 2, 2, 3).encode(), human.encode())
    trustees = testkit.session().trustees.encode()
    await book.propose(uuid(i), human.encode(), Proposal(election.raw, trustees, b"transcript"))
    for step in STEPS[state]:
        if step == Step.OPEN:
            await book.set_present(uuid(i), 15)
        await book.move(uuid(i), step)


# -- venues ---------------------------------------------------------------------------------------

AN = ("Lê Văn An", "Bí thư", "")


async def test_two_venues_are_allowed_and_a_third_is_refused_by_name(home: Books, folder: Path):
    """Both venues are told; case and spaces do not make another person."""
    proposed = made(folder, "Lê văn  An,BÍ THƯ,", "Vũ Bình,Chủ tịch,")
    await held(home, 1, AN)
    await venues.check(home.registrar, home.datadir, proposed)
    await held(home, 2, AN)

    with pytest.raises(Refused) as caught:
        await venues.check(home.registrar, home.datadir, proposed)
    assert "Lê văn An: rated already at Hội đồng 1, 2026-12-05" in str(caught.value)
    assert f"Hội đồng 2, 2026-12-05 ({uuid(2)})" in str(caught.value)
    assert "Vũ Bình" not in str(caught.value)


async def test_an_authority_makes_one_person_of_two_positions(home: Books, folder: Path):
    proposed = made(folder, "Lê Văn An,Phó Chủ tịch,Tỉnh ủy")
    await held(home, 1, ("Lê Văn An", "Bí thư", "Tỉnh ủy"))
    await held(home, 2, ("Lê Văn An", "Phó Chủ tịch", ""))

    with pytest.raises(Refused, match="Lê Văn An"):
        await venues.check(home.registrar, home.datadir, proposed)


async def test_a_cadre_code_makes_one_person_of_other_titles(home: Books, folder: Path):
    """The columns of the officials' lists; a namesake with another day of birth is another."""
    rows = [("Lê Văn An", "Bí thư", ""), ("Lê Văn Ân", "Trưởng ban", "")]
    for i, row in enumerate(rows, start=1):
        await held(home, i, row)
        cadres.keep(home.datadir, uuid(i), [Cadre("1971-03-02", "CB-0417")])
    head = "ho_ten,chuc_vu,ngay_bau,ngay_sinh,ma_can_bo\n"
    (folder / "officials.csv").write_text(f"{head}Lê An,Chủ tịch,1/7/2021,,cb-0417\n", "utf-8")
    with pytest.raises(Refused, match="Lê An: rated already at Hội đồng 1"):
        await venues.check(home.registrar, home.datadir, draft.read(folder))
    (folder / "officials.csv").write_text(f"{head}Lê Văn An,Bí thư,1/7/2021,4/5/1980,\n", "utf-8")
    await venues.check(home.registrar, home.datadir, draft.read(folder))


async def test_a_name_alone_is_no_person(home: Books, folder: Path):
    proposed = made(folder, "Lê Văn An,Phó Chủ tịch xã C,Huyện ủy C")
    await held(home, 1, ("Lê Văn An", "Phó Chủ tịch xã A", "Huyện ủy A"))
    await held(home, 2, ("Lê Văn An", "Phó Chủ tịch xã B", ""))

    await venues.check(home.registrar, home.datadir, proposed)


@pytest.mark.parametrize(
    "change",
    [
        {"rehearsal": True}, {"date": "2025-12-05"}, {"levels": TWO}, {"state": State.CANCELLED},
        {"state": State.DRAFT},
    ],
)  # fmt: skip
async def test_what_is_no_venue_of_this_round_does_not_count(
    home: Books, folder: Path, change: dict[str, Any]
):
    await held(home, 1, AN)
    await held(home, 2, AN, **change)

    await venues.check(home.registrar, home.datadir, made(folder, "Lê Văn An,Bí thư,"))


async def test_a_rehearsal_is_no_venue(home: Books, folder: Path):
    await held(home, 1, AN)
    await held(home, 2, AN)
    made(folder, "Lê Văn An,Bí thư,")
    form = folder / "session.toml"
    form.write_text(
        form.read_text("utf-8").replace("rehearsal = false", "rehearsal = true"), "utf-8"
    )

    await venues.check(home.registrar, home.datadir, draft.read(folder))


async def test_others_at_three_venues_are_not_this_drafts_matter(home: Books, folder: Path):
    for i in (1, 2, 3):
        await held(home, i, AN)

    await venues.check(home.registrar, home.datadir, made(folder, "Vũ Bình,Chủ tịch,"))
