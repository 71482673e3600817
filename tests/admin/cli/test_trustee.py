"""`phieukin trustee`: whole ceremonies by command line, and everything it refuses."""

import io
import json
import os
import pty
import stat
import sys

import pytest

from crypto import ceremony
from crypto.ceremony_messages import SingleKey, Step1, Step2, Step3
from crypto.encoding import canonical
from crypto.keyfile import unseal
from crypto.trustees import Trustees
from tests.admin.cli.desk import PASSPHRASE, Desk

pytestmark = pytest.mark.slow


def hold_by_command(desk: Desk) -> Trustees:
    """A whole ceremony by command line."""
    for i in (1, 2, 3):
        assert desk.step1(i)[0] == 0
    for step in (2, 3):
        for i in (1, 2, 3):
            assert desk.step(step, i)[0] == 0
    ones = [Step1.decode(desk.raw(f"one{i}"), "F") for i in (1, 2, 3)]
    twos = [Step2.decode(desk.raw(f"two{i}"), "F") for i in (1, 2, 3)]
    threes = [Step3.decode(desk.raw(f"three{i}"), "F") for i in (1, 2, 3)]
    return Trustees((ceremony.assemble(ones, twos, threes),))


class TestCeremony:
    def test_whole(self, desk: Desk):
        """Three trustees make a valid key; the agreement code is the same in all steps."""
        trustees = hold_by_command(desk)
        trustees.check()
        codes = set()
        for i in (1, 2, 3):
            status, stdout, _ = desk.trustee("check", "--key", desk.path(f"k{i}"), "--json")
            document = json.loads(stdout)
            codes.add(document["agreement"])

            assert status == 0
            assert document["schema"] == "phieukin.trustee/1"
            assert (document["signed"], document["opened"], document["restored"]) == (
                [],
                False,
                False,
            )
            assert (document["index"], document["of"], document["threshold"], document["step"]) == (
                i,
                3,
                2,
                3,
            )
            assert document["verification_key"] == trustees.verification_keys[i - 1].hex

        assert len(codes) == 1

    def test_single(self, desk: Desk):
        """--of 1 is complete after step 1; the other steps say so."""
        status, _, err = desk.step1(1, of=1, t=1)
        Trustees((SingleKey.decode(desk.raw("one1"), "F").item,)).check()
        again = desk.trustee(
            "step2", "--key", desk.path("k1"), "-o", desk.path("x"), desk.path("one1")
        )

        assert status == 0
        assert "needs no other step" in err
        assert again[0] == 3  # the file is a single key, not a step 1 message
        assert "a single key, where a step 1 message is expected" in again[2]
        assert desk.trustee("check", "--key", desk.path("k1"))[0] == 0

    def test_single_key_in_step_2(self, desk: Desk):
        """Step 2 with a single key file is refused as not needed."""
        desk.step1(1, of=1, t=1)
        desk.step1(2)
        status, _, err = desk.trustee(
            "step2", "--key", desk.path("k1"), "-o", desk.path("x"), desk.path("one2")
        )

        assert (status, "needs step 1 only" in err) == (5, True)

    def test_files_are_private(self, desk: Desk):
        """Only the trustee's own account can read a key file."""
        desk.step1(1, "--copy", desk.path("copy"))

        assert stat.S_IMODE((desk.folder / "k1").stat().st_mode) == 0o600
        assert stat.S_IMODE((desk.folder / "copy").stat().st_mode) == 0o600

    def test_nothing_secret_is_shown(self, desk: Desk):
        """Neither output shows the seed or the passphrase."""
        _, stdout, err = desk.step1(1)
        state = unseal(desk.raw("k1"), PASSPHRASE, "F")

        assert not any(s in stdout + err for s in (state.seed, PASSPHRASE))

    def test_no_temporary_files_stay(self, desk: Desk):
        """What was written is all there is."""
        desk.step1(1)

        assert sorted(p.name for p in desk.folder.iterdir()) == ["k1", "one1", "pass"]


class TestCopy:
    def test_follows(self, desk: Desk):
        """The copy is the same bytes after each step."""
        copy = ["--copy", desk.path("copy")]
        desk.step1(1, *copy)
        for i in (2, 3):
            desk.step1(i)

        assert desk.raw("copy") == desk.raw("k1")
        assert desk.step(2, 1, *copy)[0] == 0
        assert desk.raw("copy") == desk.raw("k1")

    def test_missing_one_is_warned_of(self, desk: Desk):
        """Every command on a key without a second copy says so."""
        assert "no second copy" in desk.step1(1)[2]
        assert "no second copy" in desk.trustee("check", "--key", desk.path("k1"))[2]

    def test_old_one_is_refused(self, desk: Desk):
        """A copy that differs is not used and not written over: either may be the old one."""
        desk.step1(1)
        (desk.folder / "copy").write_bytes(b"old")
        status, _, err = desk.trustee(
            "check", "--key", desk.path("k1"), "--copy", desk.path("copy")
        )

        assert (status, "keep the newer" in err) == (5, True)
        assert desk.raw("copy") == b"old"

    def test_absent_one_is_named(self, desk: Desk):
        """`check` with a copy that is not there says so."""
        desk.step1(1)
        status, _, err = desk.trustee(
            "check", "--key", desk.path("k1"), "--copy", desk.path("copy")
        )

        assert (status, "no such copy" in err) == (4, True)


class TestRefusals:
    def test_key_is_never_written_over(self, desk: Desk):
        """An existing key file stays, even with --force."""
        desk.step1(1)
        before = desk.raw("k1")
        status, _, err = desk.step1(1, "--force")

        assert (status, "exists already" in err) == (5, True)
        assert desk.raw("k1") == before

    def test_output_is_not_written_over(self, desk: Desk):
        """An existing output stays unless --force; nothing else is written either."""
        (desk.folder / "one1").write_bytes(b"mine")

        assert desk.step1(1)[0] == 5
        assert desk.raw("one1") == b"mine"
        assert not (desk.folder / "k1").exists()
        assert desk.step1(1, "--force")[0] == 0

    @pytest.mark.parametrize("option", ["--key", "-o", "--copy"])
    def test_absent_folder(self, desk: Desk, option: str):
        """A folder that is not there is found before any file is made."""
        status, _, err = desk.step1(1, option, desk.path("none/file"))

        assert (status, "none" in err) == (2, True)
        assert sorted(p.name for p in desk.folder.iterdir()) == ["pass"]

    def test_two_things_in_one_file(self, desk: Desk):
        """The key file and the message cannot be one file."""
        status, _, err = desk.trustee(
            "step1", "--index", "1", "--of", "3", "--threshold", "2",
            "--key", desk.path("same"), "-o", desk.path("same"),
        )  # fmt: skip

        assert (status, "named twice" in err) == (2, True)

    @pytest.mark.parametrize(("i", "of", "t"), [(4, 3, 2), (1, 3, 4), (1, 33, 2), (0, 3, 2)])
    def test_impossible_place(self, desk: Desk, i: int, of: int, t: int):
        """Numbers that do not fit are wrong usage, and no file is made."""
        assert desk.step1(i, of=of, t=t)[0] == 2
        assert not (desk.folder / f"k{i}").exists()

    @pytest.mark.parametrize(("of", "t"), [(2, 1), (3, 1), (4, 2), (6, 3)])
    def test_half_of_a_committee(self, desk: Desk, of: int, t: int):
        """Two separate groups could open two totals: the reason and the least number are named."""
        status, _, err = desk.step1(1, of=of, t=t)

        assert (status, f"At least {of // 2 + 1} of {of} are needed" in err) == (5, True)
        assert "two totals that differ by one ballot" in err
        assert not (desk.folder / "k1").exists()
        assert desk.step1(1, of=of, t=of // 2 + 1)[0] == 0

    def test_weak_passphrase(self, desk: Desk):
        """A weak passphrase is refused with what to do, and no file is made."""
        (desk.folder / "pass").write_text("password1234\n")
        status, _, err = desk.step1(1)

        assert (status, "four unrelated words" in err) == (5, True)
        assert not (desk.folder / "k1").exists()

    def test_wrong_passphrase(self, desk: Desk):
        """The error names the key file, not the passphrase."""
        desk.step1(1)
        (desk.folder / "wrong").write_text("another passphrase 7\n")
        status, _, err = desk.trustee("check", "--key", desk.path("k1"), file="wrong")

        assert (status, "k1: wrong passphrase" in err) == (5, True)
        assert "another passphrase 7" not in err

    def test_wrong_file_for_a_step(self, desk: Desk):
        """The error names the file, what it is and what it should be."""
        for i in (1, 2, 3):
            desk.step1(i)
        desk.step(2, 1)
        status, _, err = desk.trustee(
            "step2", "--key", desk.path("k2"), "-o", desk.path("two2"),
            desk.path("one1"), desk.path("two1"), desk.path("one3"),
        )  # fmt: skip

        assert status == 3
        assert "two1: a step 2 message, where a step 1 message is expected" in err
        assert not (desk.folder / "two2").exists()

    def test_missing_message(self, desk: Desk):
        """Too few messages are incomplete, and name whose is missing."""
        desk.step1(1)
        status, _, err = desk.trustee(
            "step2", "--key", desk.path("k1"), "-o", desk.path("two1"), desk.path("one1")
        )

        assert (status, "step 1 message of trustee 2, 3 is missing" in err) == (4, True)

    def test_faulty_trustee_is_named(self, desk: Desk):
        """A message that does not check names its trustee and leaves the key as it was."""
        for i in (1, 2, 3):
            desk.step1(i)
        value = json.loads(desk.raw("one3"))
        value["commitment"] = "0" * 64
        (desk.folder / "one3").write_bytes(canonical(value))
        before = desk.raw("k1")
        status, _, err = desk.step(2, 1)

        assert (status, "trustee 3: signature of the step 1 message" in err) == (3, True)
        assert desk.raw("k1") == before

    def test_steps_out_of_order(self, desk: Desk):
        """Step 3 before step 2 is refused."""
        for i in (1, 2, 3):
            desk.step1(i)
        for i in (1, 2):
            desk.step(2, i)
        status, _, err = desk.trustee(
            "step3", "--key", desk.path("k3"), "-o", desk.path("three3"), desk.path("two1")
        )

        assert (status, "not run step 2" in err) == (5, True)

    def test_unfinished_key(self, desk: Desk):
        """`check` of a key between two steps says which comes next."""
        desk.step1(1)
        status, stdout, err = desk.trustee("check", "--key", desk.path("k1"))

        assert (status, "step 2 of the ceremony comes next" in err) == (4, True)
        assert "Trustee 1 of 3" in stdout

    def test_absent_file(self, desk: Desk):
        """A path that is not there is wrong usage."""
        assert desk.trustee("check", "--key", desk.path("none"))[0] == 2

    def test_message_given_as_key(self, desk: Desk):
        """A message is not a key file."""
        desk.step1(1)
        status, _, err = desk.trustee("check", "--key", desk.path("one1"))

        assert (status, "one1: not a trustee's key file" in err) == (3, True)


class TestPassphrase:
    def pipe(self, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    def test_first_line_of_a_pipe(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        """Without a terminal the first line of stdin is the passphrase."""
        self.pipe(monkeypatch, f"{PASSPHRASE}\r\nnot this\n".encode())
        place = ["--index", "1", "--of", "1", "--threshold", "1"]
        named = ["--key", desk.path("k1"), "-o", desk.path("one1")]

        assert desk.trustee("step1", *place, *named, file=None)[0] == 0
        assert desk.trustee("check", "--key", desk.path("k1"))[0] == 0

    def test_environment(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        """PHIEUKIN_PASSPHRASE_FILE names the file."""
        desk.step1(1, of=1, t=1)
        monkeypatch.setenv("PHIEUKIN_PASSPHRASE_FILE", desk.path("pass"))

        assert desk.trustee("check", "--key", desk.path("k1"), file=None)[0] == 0

    @pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n", b"a" * 2000 + b"\n"])
    def test_nothing_usable(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, data: bytes):
        """No passphrase, or no text, is wrong usage with a hint."""
        desk.step1(1, of=1, t=1)
        self.pipe(monkeypatch, data)
        status, _, err = desk.trustee("check", "--key", desk.path("k1"), file=None)

        assert (status, "hint" in err) == (2, True)

    def test_terminal(self, desk: Desk):
        """On a terminal it is asked for twice and not echoed."""
        pid, terminal = pty.fork()
        if pid == 0:
            place = ["--index", "1", "--of", "1", "--threshold", "1"]
            named = ["--key", desk.path("k1"), "-o", desk.path("one1")]
            os.execv(  # noqa: S606
                sys.executable,
                [sys.executable, "-m", "admin.cli.main", "trustee", "step1", *place, *named],
            )
        screen = answered(terminal, PASSPHRASE, times=2)
        _, status = os.waitpid(pid, 0)

        assert os.waitstatus_to_exitcode(status) == 0
        assert PASSPHRASE not in screen
        assert desk.trustee("check", "--key", desk.path("k1"))[0] == 0


def answered(terminal: int, answer: str, *, times: int) -> str:
    """Types the answer at each prompt; returns all that was shown."""
    screen = ""
    while True:
        try:
            read = os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:
            return screen
        if not read:
            return screen
        screen += read
        if times and read.rstrip().endswith(":"):
            os.write(terminal, f"{answer}\n".encode())
            times -= 1
