"""The officials and their papers, for everybody of the session."""

import pytest

from admin.office import dossiers
from admin.office.dossiers import Change
from crypto.errors import Refused
from crypto.lifecycle import Step
from crypto.session import new_uuid
from tests.worlds import hall
from tests.worlds.scene import COLLECT, offers, says, sends, staged

KINDS = {"02-bao-cao.pdf": "Báo cáo tự đánh giá", "2 giải trình.docx": "Giải trình"}


def put(folder, *names: str) -> None:
    (folder / "dossiers").mkdir()
    for name in names:
        (folder / "dossiers" / name).write_bytes(name.encode())


async def test_an_officials_papers_are_a_tap_away(tmp_path):
    """Files named by the official's number; the second time sent by Telegram's own name."""
    async with staged(tmp_path / "data") as scene:
        put(tmp_path, "02-bao-cao.pdf", "2 giải trình.docx")
        assert dossiers.copy(tmp_path, scene.where, scene.uuid, 3).total == 2
        lan, minh = await scene.voter(1), await scene.voter(2)
        for person in (lan, minh):
            await person.say("/papers")
            await person.until(says("1. Nguyễn Văn 0 – Ủy viên", "3. Nguyễn Văn 2"))
            await person.tap("2. Nguyễn Văn 1")
            for name in ("02-bao-cao.pdf", "2 giải trình.docx"):
                file = await person.until(sends(name))
                assert file.file is not None
                assert file.file.content == name.encode()
                assert file.text == f"2. {KINDS[name]}"
        await scene.telegram.quiet()
        uploads = [c for c in scene.telegram.calls if c.method == "sendDocument"]
        uploaded = [c for c in uploads if not isinstance(c.parameters["document"], str)]
        assert (len(uploads), len(uploaded)) == (4, 2)


async def test_they_are_for_members_only(tmp_path):
    async with staged(tmp_path / "data") as scene:
        put(tmp_path, "1.pdf")
        dossiers.copy(tmp_path, scene.where, scene.uuid, 3)
        lan, stranger = await scene.voter(1), scene.stranger()
        await lan.say("/papers")
        officials = await lan.until(offers("1. Nguyễn Văn 0"))
        await stranger.start()
        tap = await stranger.tap("1. Nguyễn Văn 0", on=officials)
        assert "không còn hiệu lực" in ((await tap.answer()).text or "")
        assert not any(message.file for message in stranger.messages)


async def test_the_ballots_message_leads_to_the_list_and_back(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        await lan.until(offers(COLLECT))
        await lan.tap("Người được lấy phiếu")
        await lan.until(says("Danh sách 3 người được lấy phiếu"))
        await lan.tap(COLLECT)
        await lan.until(says("Đã nhận phiếu."))


@pytest.mark.parametrize("name", ["4.pdf", "0.pdf", "bao-cao.pdf", "1.exe"])
def test_a_file_that_belongs_to_nobody_is_refused_by_name(tmp_path, name):
    """Nothing is copied then."""
    data = tmp_path / "data"
    data.mkdir()
    where = hall.datadir(data)
    put(tmp_path, "1.pdf", name)
    with pytest.raises(Refused, match=name.replace(".", "[.]")):
        dossiers.copy(tmp_path, where, new_uuid(), 3)
    assert not (data / "dossiers").exists()


def test_a_paper_that_is_taken_out_is_gone(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    where, uuid = hall.datadir(data), new_uuid()
    put(tmp_path, "1.pdf", "2.pdf")
    assert dossiers.copy(tmp_path, where, uuid, 3) == Change(("1.pdf", "2.pdf"), (), 2)
    (tmp_path / "dossiers" / "2.pdf").unlink()
    assert dossiers.copy(tmp_path, where, uuid, 3) == Change((), ("2.pdf",), 1)
    assert list(dossiers.of(where, uuid)) == [1]
