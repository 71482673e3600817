"""Random and altered bytes: the phone page and the command line decide alike about each."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.voting import codes
from crypto import ballot, checkpoint, encoding, note
from crypto.errors import ProtocolError
from crypto.group import G, element, random_scalar
from crypto.lifecycle import State
from tests import testkit
from tests.interop.page import Page, Refused

pytestmark = pytest.mark.slow

Json = Any
FAST = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
SLOW = settings(FAST, max_examples=40)


@cache
def session() -> testkit.Session:
    return testkit.seal(officials=4, levels=2)


# --- Ballots ------------------------------------------------------------------------------


@cache
def honest() -> bytes:
    return ballot.prepare(session().election, random_scalar(), [0, 1, None, 0])[0]


def refused_by_both(page: Page, altered: bytes) -> None:
    election = session().election
    with pytest.raises(ProtocolError) as caught:
        ballot.check(ballot.decode(altered, election), election)
    arguments = {"election": election.raw.decode(), "ballot": altered.decode()}
    page.refuses(caught.value.code, "check_ballot", **arguments)


@SLOW
@given(st.integers(0, 1 << 16), st.sampled_from(b'0123456789abcdef"{[,:}]'))
def test_altered_ballots(page: Page, place: int, letter: int):
    """Any character exchanged anywhere."""
    raw = honest()
    place %= len(raw)
    altered = raw[:place] + bytes([letter]) + raw[place + 1 :]
    if altered != raw:
        refused_by_both(page, altered)


@SLOW
@given(
    st.sampled_from(["choices", "individual_proofs", "overall_proof"]),
    st.permutations(range(4)),
    st.booleans(),
)
def test_ballots_with_exchanged_parts(page: Page, part: str, order: list[int], hashed: bool):
    """Well-formed ballots whose proofs belong to another place; some with the right hash."""
    value = json.loads(honest())
    first, second = (value["answers"][i] for i in order[:2])
    first[part], second[part] = second[part], first[part]
    if hashed:
        body = {name: value[name] for name in list(value)[:-1]}
        value["signature"]["hash"] = encoding.b64_sha256(encoding.canonical(body))
    refused_by_both(page, encoding.canonical(value))


# --- Codes --------------------------------------------------------------------------------


PIECES = ["0", "O", "l", "a", "Z", "U", "é", "-", "–", " ", "\u200b", "\u00a0", "\u2212", "７"]
MARKS = ["#", "c=", "&", "/v/", testkit.UUID, "https://", "h", "?", "%41", "+", "%", "[", "\n", ":"]


@FAST
@given(
    st.one_of(
        st.tuples(
            st.sampled_from(
                [
                    "",
                    "#c=",
                    f"/v/{testkit.UUID}#c=",
                    "https://h/v/x#f=a&c=",
                    "https://h/committee#s=x&c=",
                ]
            ),
            st.text(encoding.CROCKFORD + "oOlLiI -", min_size=14, max_size=20),
        ).map("".join),
        st.lists(st.sampled_from(PIECES + MARKS), max_size=40).map("".join),
        st.text(max_size=40),
    )
)
def test_codes_are_read_alike(page: Page, typed: str):
    """As they are typed or linked: the same letters, or refused by both."""
    try:
        code = codes.parse(typed, testkit.UUID)
    except ProtocolError as error:
        page.refuses(error.code, "code", text=typed, uuid=testkit.UUID)
        return
    hashed = codes.code_hash(testkit.UUID, code).hex()
    assert page.ask("code", text=typed, uuid=testkit.UUID) == {"code": code, "hash": hashed}


@FAST
@given(
    st.one_of(
        st.text(encoding.CROCKFORD + "oOlLiI -", min_size=14, max_size=20),
        st.lists(st.sampled_from(PIECES + MARKS), max_size=20).map("".join),
    )
)
def test_backup_codes_are_read_alike(page: Page, typed: str):
    """And those that one side makes, the other reads."""
    try:
        code = codes.parse_backup(typed)
    except ProtocolError as error:
        page.refuses(error.code, "backup_code", text=typed)
    else:
        assert page.ask("backup_code", text=typed) == {"code": code}
    codes.parse_backup(page.ask("new_backup_code")["code"])
    page.ask("backup_code", text=codes.new_backup_code())


# --- Notes --------------------------------------------------------------------------------


@cache
def promise() -> bytes:
    sealed = session()
    body = checkpoint.promise_body(sealed.election.uuid, sealed.phi, sealed.phi)
    return note.sign(body, [sealed.box]).encode()


LETTERS = [b"\n", b" ", b"=", b"A", b"+", b"\xe2", b"\x7f", b"\r", b"", b"\n\n"]


@FAST
@given(st.integers(0, 1 << 12), st.sampled_from(LETTERS))
def test_altered_notes(page: Page, place: int, letter: bytes):
    raw, key = promise(), session().box.key
    page.ask("note", note=encoding.to_base64(raw), vkey=key.vkey)
    place %= len(raw)
    altered = raw[:place] + letter + raw[place + 1 :]
    if altered == raw:
        return
    with pytest.raises(ProtocolError) as caught:
        note.parse(altered).check([key])
    arguments = {"note": encoding.to_base64(altered), "vkey": key.vkey}
    page.refuses(caught.value.code, "note", **arguments)


@cache
def opening() -> bytes:
    """The opening of a session, with the committee's signatures and salts."""
    return testkit.session().note(testkit.session().checkpoints(testkit.honest())[State.OPEN])


@SLOW
@given(st.integers(0, 1 << 12), st.sampled_from(LETTERS))
def test_altered_signatures_of_the_committee(page: Page, place: int, letter: bytes):
    """Any character exchanged in text, names, salts or signatures: both say the same."""
    raw = opening()
    place %= len(raw)
    altered = raw[:place] + letter + raw[place + 1 :]
    expected = code_here(altered)
    asked = {
        "election": testkit.session().election.raw.decode(),
        "checkpoints": encoding.to_base64(altered),
        "state": "sealed",  # the only note of the file stands in the first place
    }
    if expected is not None:
        assert page.ask("committee_code", **asked) == expected
        return
    with pytest.raises(Refused, match=r"malformed|bad_checkpoint"):
        page.ask("committee_code", **asked)


def code_here(raw: bytes) -> Json:
    """What Python says of a note: its code once enough have signed, and by whom. None: refused."""
    sealed = testkit.session()
    election, parameters = sealed.election, sealed.parameters
    try:
        signed = note.parse(raw)
        owners = checkpoint.signers(signed, election, parameters)
        for owner in owners:
            checkpoint.check_trustee(signed, election, parameters, owner)
        enough = len(owners) == parameters.committee.quorum
        code = checkpoint.check_committee(signed, election, parameters) if enough else None
    except ProtocolError:
        return None
    return {"code": code, "signers": owners}


# --- Encodings ----------------------------------------------------------------------------

SPELLINGS = st.one_of(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**11), 10**11)
        | st.text(max_size=6)
        | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abcé\u0000", max_size=3), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda value: encoding.canonical(value) if _has_utf8(value) else b'"\\ud800"'),
    st.lists(st.sampled_from(list('{}[]:,"\\ab01-.eu ')), max_size=12).map(
        lambda c: "".join(c).encode()
    ),
    st.binary(max_size=8),
)


def _has_utf8(value: Json) -> bool:
    try:
        encoding.canonical(value)
    except UnicodeEncodeError:
        return False
    return True


@FAST
@given(SPELLINGS)
def test_json_is_read_alike(page: Page, data: bytes):
    encoded = encoding.to_base64(data)
    try:
        value = encoding.parse(data, "value", limit=1 << 20)
    except ProtocolError as error:
        page.refuses(error.code, "json", data=encoded)
        return
    assert page.ask("json", data=encoded) == {"again": encoding.canonical(value).decode()}


@FAST
@given(st.text(max_size=8))
def test_text_that_is_accepted_here_is_accepted_there(page: Page, written: str):
    """The browser's Unicode is newer: it may let more through, never less."""
    try:
        encoding.text(written, "text")
    except ProtocolError:
        return
    assert page.ask("text", text=written) == {"text": written}


@FAST
@given(st.one_of(st.binary(min_size=32, max_size=32), st.integers(0, 2**256 - 1)))
def test_elements_are_read_alike(page: Page, drawn_bytes: bytes | int):
    raw = drawn_bytes if isinstance(drawn_bytes, bytes) else drawn_bytes.to_bytes(32, "big")
    for identity in (False, True):
        arguments = {"hex": raw.hex(), "identity": "yes" if identity else "no"}
        try:
            member = element(raw.hex(), "element", identity=identity)
        except ProtocolError as error:
            page.refuses(error.code, "element", **arguments)
        else:
            assert page.ask("element", **arguments) == {"hex": member.hex}


def test_powers_are_equal(page: Page):
    base = G ** random_scalar()
    for exponent in (0, 1, 2, random_scalar(), random_scalar(), -1, 2**252):
        power = page.ask("power", base=base.hex, exponent=str(exponent))
        assert power == {"hex": (base**exponent).hex}
