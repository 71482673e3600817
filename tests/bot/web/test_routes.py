"""Every route does what it is for, over real HTTP and real books."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from admin.office import dossiers
from admin.session.datadir import DataDir
from crypto import checkpoint, note, token
from crypto.audit.archive import encode_credentials
from crypto.encoding import b64_sha256, base64_bytes, to_base64
from crypto.group import G, random_scalar
from crypto.lifecycle import State, Step
from tests import testkit
from tests.worlds import hall
from tests.worlds.hall import Client, code


def test_a_session_shows_its_exact_definition(where: DataDir, client: Client):
    """The text has the hash φ; counts are there, nobody's name is."""
    session = hall.sealed(where, Step.CHECK_IN)
    public = client.call("GET", f"/api/v1/sessions/{session.uuid}").json()

    assert b64_sha256(public["election"].encode()) == session.insider.phi
    assert (public["state"], public["closes"]) == ("checkin", None)
    assert public["counts"] == {
        "roster": hall.VOTERS, "present": None, "issued": 0, "registered": None, "cast": 0,
    }  # fmt: skip
    assert "Đại biểu" not in json.dumps(public, ensure_ascii=False)


def test_a_draft_has_no_definition_yet(where: DataDir, client: Client):
    """A letter sent before the seal leads to the session's state, and to nothing else."""
    uuid, human = "Draft1Draft2Draft3", testkit.HUMAN.encode()
    hall.with_books(where, lambda books: books.registrar.add_session(uuid, human))
    public = client.call("GET", f"/api/v1/sessions/{uuid}").json()

    assert (public["election"], public["state"]) == (None, "draft")


def test_a_voter_from_the_code_to_the_promise(where: DataDir, client: Client):
    """Login, token, credential, ballot: each answer is what the protocol needs next."""
    made, secret = hall.sealed(where, Step.CHECK_IN), random_scalar()
    credential, session = G**secret, made.insider
    bearer = client.bearer(made, made.voters[0])
    blinded = made.blinded(credential)
    request = {"blinded": to_base64(blinded.blinded_message)}

    answers = [
        client.call("POST", "/api/v1/registrar/token", json=request, headers=bearer) for _ in "12"
    ]
    signature = base64_bytes(answers[0].json()["blind_signature"], "signature")
    signed = token.receive_token(session.issuer.public, session.phi, credential, signature, blinded)
    body = {"credential": credential.hex, "token": to_base64(signed)}
    path = f"/api/v1/box/{made.uuid}"
    registered = [client.call("POST", f"{path}/credentials", json=body) for _ in "12"]
    early = client.call("GET", f"{path}/credentials")
    made.move(Step.OPEN)
    listed = client.call("GET", f"{path}/credentials")
    raw = made.vote(secret)
    cast = [client.cast(made, raw) for _ in "12"]
    promise = note.parse(cast[0].json()["promise"].encode())

    assert answers[0].json() == answers[1].json()
    assert [answer.status_code for answer in registered + cast] == [201] * 4
    assert code(early) == (409, "not_open")
    assert listed.content == encode_credentials([credential])
    assert cast[0].content == cast[1].content
    assert cast[0].json()["tracker"] == b64_sha256(raw)
    checkpoint.check_promise(promise, session.election, session.parameters, b64_sha256(raw))
    assert made.counts() == {"registered": 1, "cast": 1}


def test_the_channel_is_the_first_that_the_session_has(where: DataDir, client: Client):
    """Without a word the token counts for the browser; a client may say that it is none."""
    session = hall.sealed(where, Step.CHECK_IN)
    for code_, channel in zip(session.voters, ({}, {"channel": "cli"}), strict=False):
        blinded = to_base64(session.blinded(G**5).blinded_message)
        bearer = client.bearer(session, code_)
        client.call(
            "POST", "/api/v1/registrar/token", json={"blinded": blinded, **channel}, headers=bearer
        )

    issued = hall.with_books(where, lambda books: books.registrar.issued(session.uuid))
    assert issued == {"browser": 1, "cli": 1}


def test_recovery_gives_back_what_was_kept(where: DataDir, client: Client):
    """Opaque bytes for the same voter only; before anything is kept there is nothing."""
    session = hall.sealed(where, Step.CHECK_IN, recovery="phone")
    path = "/api/v1/registrar/recovery"
    first, second = (client.bearer(session, voter) for voter in session.voters[:2])

    assert code(client.call("GET", path, headers=first)) == (404, "not_found")
    assert code(client.call("PUT", path, content=b"early", headers=first)) == (403, "refused")
    request = {"blinded": to_base64(session.blinded(G**5).blinded_message)}
    client.call("POST", "/api/v1/registrar/token", json=request, headers=first)
    assert client.call("PUT", path, content=b"\x00sealed", headers=first).status_code == 204
    other = client.call("PUT", path, content=b"another", headers=first)
    assert code(other) == (409, "recovery_taken")
    assert client.call("GET", path, headers=first).content == b"\x00sealed"
    assert code(client.call("GET", path, headers=second)) == (404, "not_found")


def test_nothing_is_kept_in_a_session_without_backup_codes(where: DataDir, client: Client):
    """Recovery "none": a ballot stays on the device that has collected it."""
    session = hall.sealed(where, Step.CHECK_IN, recovery="none")
    bearer = client.bearer(session, session.voters[0])
    request = {"blinded": to_base64(session.blinded(G**5).blinded_message)}
    client.call("POST", "/api/v1/registrar/token", json=request, headers=bearer)

    path = "/api/v1/registrar/recovery"
    kept = client.call("PUT", path, content=b"sealed", headers=bearer)
    assert code(kept) == (403, "refused")


def test_checkpoints_are_the_notes_so_far(where: DataDir, client: Client):
    """As they will stand in the record: the first is signed by every trustee."""
    made = hall.sealed(where)
    session = made.insider
    (only,) = checkpoint.split(client.call("GET", f"/api/v1/box/{made.uuid}/checkpoints").content)

    signed = note.parse(only)
    signed.check(checkpoint.party_keys(session.election, session.parameters, State.SEALED))
    assert checkpoint.check_committee(signed, session.election, session.parameters)


def test_trustees_leave_and_see_messages(where: DataDir, client: Client):
    """One's own message once, everyone's to read, in a draft and for the share after the close."""
    session = hall.sealed(where)
    path = f"/api/v1/committee/{session.uuid}"
    first, two = (client.bearer(session, trustee) for trustee in session.trustees[:2])
    session.move(Step.CHECK_IN, Step.OPEN, Step.CLOSE)

    put = [
        client.call("PUT", f"{path}/share", content=body, headers=first)
        for body in (b"first", b"first", b"second")
    ]
    standing = client.call("GET", path, headers=two).json()

    assert [answer.status_code for answer in put] == [204, 204, 403]
    assert (standing["index"], standing["size"], standing["threshold"]) == (2, 3, 2)
    assert standing["messages"]["share"] == {"1": to_base64(b"first")}
    assert standing["messages"]["step1"] == {}
    assert standing["election"].encode() == session.insider.election.raw
    assert standing["seal"].startswith(f"phieukin/{session.uuid}\nsealed\n")
    assert client.call("GET", f"{path}/share", headers=two).json() == {"1": to_base64(b"first")}


def test_before_the_seal_only_steps_are_taken(where: DataDir, client: Client):
    """A share comes after the close, a step of the ceremony before the seal."""
    session = hall.sealed(where)
    bearer = client.bearer(session, session.trustees[0])
    for kind in ("step1", "step2", "step3", "seal", "opening", "closing", "share"):
        answer = client.call(
            "PUT", f"/api/v1/committee/{session.uuid}/{kind}", content=b"x", headers=bearer
        )
        assert code(answer) == (409, "wrong_state")


@pytest.mark.parametrize("publication", ["public", "members"])
def test_the_record_is_for_whom_the_session_says(where: DataDir, client: Client, publication: str):
    """Before the close nobody gets it; a members' record is had with a bearer only."""
    session = hall.sealed(where, Step.CHECK_IN, Step.OPEN, publication=publication)
    anonymous, known_code = (
        f"/api/v1/box/{session.uuid}/record",
        f"/api/v1/committee/{session.uuid}/record",
    )
    bearer = client.bearer(session, session.trustees[0])
    refused = (403, "members_only")

    early = [
        code(client.call("GET", anonymous)),
        code(client.call("GET", known_code, headers=bearer)),
    ]
    session.move(Step.CLOSE)
    unwritten = code(client.call("GET", known_code, headers=bearer))
    where.archive(session.uuid).parent.mkdir(exist_ok=True)
    where.archive(session.uuid).write_bytes(b"archive")
    late = client.call("GET", anonymous)

    public = publication == "public"
    assert early == [(409, "wrong_state") if public else refused, (409, "wrong_state")]
    assert unwritten == (409, "incomplete")
    assert client.call("GET", known_code, headers=bearer).content == b"archive"
    if public:
        assert late.content == b"archive"
        assert late.headers["content-type"] == "application/x-belenios"
    else:
        assert code(late) == refused


@pytest.mark.parametrize("publication", ["public", "members"])
def test_results_are_told_once_they_are_published(where: DataDir, client: Client, publication: str):
    """To everyone or to nobody, as the session says; before that there is nothing to be told."""
    steps = (Step.CHECK_IN, Step.OPEN, Step.CLOSE, Step.TALLY)
    session = hall.sealed(where, *steps, publication=publication)
    path = f"/api/v1/box/{session.uuid}/results"
    where.bundle(session.uuid).parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(where.bundle(session.uuid), "w") as bundle:
        bundle.writestr("results.json", b"{}")
    early = code(client.call("GET", path))
    session.move(Step.PUBLISH)
    late = client.call("GET", path)

    if publication == "public":
        assert early == (409, "wrong_state")
        assert late.content == b"{}"
    else:
        assert early == code(late) == (403, "members_only")


def test_after_the_publication_the_record_is_the_bundle(where: DataDir, client: Client):
    """The same address, another file and media type."""
    session = hall.sealed(where, Step.CHECK_IN, Step.OPEN, Step.CLOSE, Step.TALLY, Step.PUBLISH)
    where.bundle(session.uuid).parent.mkdir(exist_ok=True)
    where.bundle(session.uuid).write_bytes(b"bundle")
    answer = client.call("GET", f"/api/v1/box/{session.uuid}/record")

    assert answer.content == b"bundle"
    assert answer.headers["content-type"] == "application/zip"
    assert f"{session.uuid}.phieukin.zip" in answer.headers["content-disposition"]


def test_alive_and_ready(client: Client):
    """Both say so in a word."""
    assert client.call("GET", "/healthz").text == "ok\n"
    assert client.call("GET", "/readyz").text == "ok\n"


def test_metrics_tell_totals_only(where: DataDir, client: Client):
    """The registrar's requests by route and status; of the box what everybody may see."""
    session = hall.sealed(where, Step.CHECK_IN)
    client.bearer(session, session.voters[0])
    client.call("POST", f"/api/v1/box/{session.uuid}/credentials", json=session.signed(G**5))
    before = client.call("GET", "/metrics").text
    session.move(Step.OPEN)
    text = client.call("GET", "/metrics").text

    assert 'phieukin_requests_total{route="/api/v1/registrar/login",status="200"}' in text
    assert f'phieukin_session_total{{uuid="{session.uuid}",of="registered"}} 1' in text
    assert f'uuid="{session.uuid}",of="registered"' not in before
    assert "/api/v1/box" not in text
    assert (G**5).hex not in text


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("fr,en-GB;q=0.5,vi;q=0.4", "en"),
        ("*", "vi"),
        ("en;q=x", "vi"),
    ],
)
def test_problems_speak_the_readers_language(client: Client, said: str, language: str):
    """Vietnamese unless English is asked for."""
    answer = replace(client, language=said).call("GET", "/nothing")

    assert answer.headers["content-language"] == language
    assert (
        answer.json()["title"] == {"vi": "Không có nội dung này", "en": "nothing is here"}[language]
    )


def test_spaces_after_a_ballot_are_no_part_of_it(where: DataDir, client: Client):
    """With them every ballot of a session is equally long on its way."""
    session = hall.sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    raw = session.vote(secret)
    filled = client.cast(session, raw.ljust(len(raw) + 100))

    assert filled.json()["tracker"] == b64_sha256(raw)
    assert client.cast(session, raw).content == filled.content


def test_papers_are_for_whom_the_registrar_knows(where: DataDir, client: Client, tmp_path: Path):
    """The list and each file; no other file of the house, and nothing for strangers."""
    session = hall.sealed(where, Step.CHECK_IN)
    (tmp_path / "draft" / "dossiers").mkdir(parents=True)
    (tmp_path / "draft" / "dossiers" / "02-báo cáo.pdf").write_bytes(b"%PDF")
    dossiers.copy(tmp_path / "draft", where, session.uuid, 2)
    path, bearer = "/api/v1/registrar/papers", client.bearer(session, session.voters[0])
    answer = client.call("GET", path, headers=bearer)
    file = client.call("GET", f"{path}/02-báo cáo.pdf", headers=bearer)

    paper = {"official": 2, "kind": "self_report", "name": "02-báo cáo.pdf"}
    assert answer.json() == [paper]
    assert (file.content, file.headers["content-type"]) == (b"%PDF", "application/pdf")
    assert code(client.call("GET", path)) == (401, "bad_code")
    for name in ("..%2f..%2fphieukin.toml", "03.pdf"):
        assert code(client.call("GET", f"{path}/{name}", headers=bearer)) == (404, "not_found")
