"""`phieukin trustee decrypt`: opens the totals on the hall screen, once, and no others."""

import io
import sys
from pathlib import Path

import pytest

from crypto import tally
from crypto.ceremony_messages import decode_single
from crypto.keyfile import unseal
from crypto.tally import Share
from crypto.trustees import Trustees
from tests.admin.cli.desk import BALLOTS, PASSPHRASE, Desk, archived_tally, close, hold_here

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHIEUKIN_LANG", "en")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


class TestDecrypt:
    def decrypt(self, desk: Desk, i: int, code: str, *more: str) -> tuple[int, str, str]:
        named = ["--key", desk.path(f"k{i}"), "-o", desk.path(f"share{i}"), "--workers", "1"]
        return desk.trustee("decrypt", *named, desk.path("a.bel"), "--code", code, *more)

    def test_two_of_three_open_the_totals(self, desk: Desk):
        """Shares of trustees 1 and 3 open exactly what was cast."""
        trustees = hold_here(desk)
        election, code = close(desk.folder, trustees)
        for i in (1, 3):
            assert self.decrypt(desk, i, code)[0] == 0
        files = [Share.decode_file(desk.raw(f"share{i}"), "F", election) for i in (1, 3)]
        shares = [file.partial for file in files]
        total = archived_tally(desk, election)

        assert [share.owner for share in shares] == [1, 3]
        assert tally.combine(election, trustees, total, BALLOTS, shares) == [[BALLOTS, 0]]

    def test_single_key(self, desk: Desk):
        """A single trustee opens the totals alone."""
        desk.step1(1, of=1, t=1)
        _, code = close(desk.folder, Trustees((decode_single(desk.raw("one1"), "F"),)))

        assert self.decrypt(desk, 1, code.lower().replace("-", " "))[0] == 0

    def test_refusals(self, desk: Desk):
        """Another code, a second archive, a stranger and an unfinished key open nothing."""
        trustees = hold_here(desk)
        _, code = close(desk.folder, trustees)
        status, _, err = self.decrypt(desk, 1, "0000-0000")

        assert (status, "the code on the hall screen is not" in err) == (3, True)
        assert code not in err
        assert not (desk.folder / "share1").exists()

        assert self.decrypt(desk, 1, code)[0] == 0
        assert self.decrypt(desk, 1, code)[0] == 5  # the output is there
        assert self.decrypt(desk, 1, code, "--force")[0] == 0  # same tally: same answer
        _, other_code = close(desk.folder, trustees)
        status, _, err = self.decrypt(desk, 1, other_code, "--force")

        assert (status, "this key has opened the tally" in err) == (5, True)

    def test_memory_is_stored_first(self, desk: Desk):
        """The key file remembers the tally when the share is there."""
        _, code = close(desk.folder, hold_here(desk))
        self.decrypt(desk, 2, code)
        state = unseal(desk.raw("k2"), PASSPHRASE, "F")

        assert [d.checkpoint for d in state.decryptions] == [code]

    def test_stranger(self, desk: Desk):
        """A key of another ceremony is told so."""
        _, code = close(desk.folder, hold_here(desk))
        hold_here(desk)
        status, _, err = self.decrypt(desk, 1, code)

        assert (status, "none of the keys of this session" in err) == (5, True)

    def test_unfinished_key(self, desk: Desk):
        """A key between two steps decrypts nothing, whatever the archive."""
        desk.step1(1)
        (desk.folder / "a.bel").write_bytes(b"")
        status, _, err = self.decrypt(desk, 1, "0000-0000")

        assert (status, "step 3 is missing" in err) == (5, True)

    def test_too_few_ballots(self, desk: Desk):
        """Four ballots are not opened."""
        desk.step1(1, of=1, t=1)
        trustees = Trustees((decode_single(desk.raw("one1"), "F"),))
        _, code = close(desk.folder, trustees, ballots=4)
        status, _, err = self.decrypt(desk, 1, code)

        assert (status, "4 ballots" in err) == (3, True)

    def test_altered_archive(self, desk: Desk):
        """An archive with one byte changed is not opened."""
        desk.step1(1, of=1, t=1)
        _, code = close(desk.folder, Trustees((decode_single(desk.raw("one1"), "F"),)))
        raw = bytearray(desk.raw("a.bel"))
        raw[len(raw) // 2] ^= 1
        (desk.folder / "a.bel").write_bytes(raw)

        assert self.decrypt(desk, 1, code)[0] == 3
        assert not (desk.folder / "share1").exists()

    def test_code_is_shown_to_a_script(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        """A script gets its share, and the code that a person has to compare."""
        desk.step1(1, of=1, t=1)
        close(desk.folder, Trustees((decode_single(desk.raw("one1"), "F"),)))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        named = ["--key", desk.path("k1"), "-o", desk.path("share"), "--workers", "1"]
        status, _, err = desk.trustee("decrypt", *named, desk.path("a.bel"))

        assert (status, "compare it with the hall screen" in err) == (0, True)
