"""Trustees of the page and of the command line: in one committee, and with one key file."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from admin.record import audit
from crypto import ceremony, checkpoint, keyfile, note, tally
from crypto.audit.archive import SHARES
from crypto.audit.evidence import CEREMONY
from crypto.ceremony_messages import SingleKey
from crypto.committee import Moment
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.errors import ProtocolError
from crypto.group import G
from crypto.keyfile import Cost, TrusteeState
from crypto.lifecycle import State
from crypto.tally import Share
from tests import testkit
from tests.crypto import room
from tests.interop.mixed import Alone, Mixed, Signing, state_of, text_of, texts
from tests.interop.page import Page

pytestmark = pytest.mark.slow

Json = Any
CHEAP = Cost(64, 1, 1)
PASSPHRASE, OTHER = "bốn từ không liên quan", "bốn từ"


@pytest.fixture(scope="module")
def mixed(page: Page) -> Mixed:
    return Mixed(page)


# --- Key files ----------------------------------------------------------------------------------


def filled() -> TrusteeState:
    """A key that remembers something in every place."""
    state = testkit.session().state(2)
    state = replace(state, definition=testkit.session().phi, quorum_seen=1_790_000_000)
    return replace(state, opening="a1" * 32, closing="b2" * 32, tally="c3" * 32)


def test_a_key_file_of_the_page_opens_here(page: Page):
    sealed = page.ask("seal_key", state=text_of(filled()), passphrase=PASSPHRASE)["file"]
    assert keyfile.unseal(sealed.encode(), PASSPHRASE, "key") == filled()
    with pytest.raises(ProtocolError) as caught:
        keyfile.unseal(sealed.encode(), PASSPHRASE + ".", "key")
    assert caught.value.code == "wrong_passphrase"


def test_a_key_file_of_the_command_line_opens_there(page: Page):
    """At the cost of real files, too."""
    for cost in (keyfile.DEFAULT_COST, CHEAP):
        sealed = keyfile.seal(filled(), PASSPHRASE, cost).decode()
        opened = page.ask("open_key", file=sealed, passphrase=PASSPHRASE)
        assert opened == {"state": text_of(filled())}
    sealed = keyfile.seal(filled(), PASSPHRASE, CHEAP).decode()
    page.refuses("wrong_passphrase", "open_key", file=sealed, passphrase=OTHER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", "0" * 22),
        ("seed", "1" * 21),
        ("index", 4),
        ("index", 0),
        ("size", 33),
        ("threshold", 4),
        ("share", "01"),
        ("definition", "x"),
        ("opening", "A" * 64),
        ("quorum_seen", -1),
        ("quorum_seen", "1"),
        ("mark", "0" * 31),
        ("schema", "phieukin.trustee/1"),
    ],
)
def test_a_state_is_refused_alike(page: Page, field: str, value: Json):
    raw = canonical({**filled().to_json(), field: value}).decode()
    with pytest.raises(ProtocolError) as caught:
        state_of(raw)
    page.refuses(caught.value.code, "seal_key", state=raw, passphrase=PASSPHRASE)


# --- The ceremony -------------------------------------------------------------------------------


def test_a_ceremony_of_both(page: Page, mixed: Mixed):
    """Step messages of each are accepted by the other, and both assemble the same trustees.json."""
    held = mixed.held
    held.trustees.check()
    step1s = [one.encode() for one in held.ones]
    code = page.ask("agreement", files=texts(step1s))["code"]
    assert code == ceremony.agreement_code(held.ones)
    files = {
        "step1s": texts(step1s),
        "step2s": texts([two.encode() for two in held.twos]),
        "step3s": texts([three.encode() for three in held.threes]),
    }
    assert page.ask("assemble", **files)["trustees"] == held.trustees.encode().decode()
    for state in held.states:
        assert page.ask("trial", state=text_of(state)) == {"key": (G**state.secret).hex}
        assert keyfile.try_share(state) == G**state.secret
    assert [state.step1s for state in held.states] == [held.states[0].step1s] * 3


def test_a_single_of_the_page(page: Page):
    answer = page.ask("single")
    message = SingleKey.decode(answer["file"].encode(), "single")
    message.item.check("single")
    state = state_of(answer["state"])
    assert message.item.public_key == G**state.secret
    assert message.salts == state.salt_commitments
    assert ceremony.single(state).salts == message.salts
    assert page.ask("trial", state=answer["state"]) == {"key": message.item.public_key.hex}


def test_the_page_blames_whom_the_command_line_blames(page: Page, mixed: Mixed):
    held = mixed.held
    first, second = held.waiting[0], held.twos[1]
    swapped = room.resent(held.states[1], second, second.shares[::-1])
    twos = room.but(held.twos, 2, swapped)
    with pytest.raises(ProtocolError) as caught:
        ceremony.step3(first, twos)
    assert caught.value.code == "faulty_trustee"
    files = texts([two.encode() for two in twos])
    page.refuses("faulty_trustee", "step3", state=text_of(first), files=files)
    signed = room.signed_again(replace(held.ones[1], salts=held.ones[2].salts), held.states[1])
    ones = room.but(held.ones, 2, signed)
    with pytest.raises(ProtocolError) as caught:
        ceremony.step2(held.fresh[0], ones)
    assert caught.value.code == "faulty_trustee"
    files = texts([one.encode() for one in ones])
    page.refuses("faulty_trustee", "step2", state=text_of(held.fresh[0]), files=files)
    _, another = ceremony.step1(2, 3, 2)
    ones = room.but(held.ones, 2, another)
    files = texts([one.encode() for one in ones])
    with pytest.raises(ProtocolError) as caught:
        ceremony.step2(held.waiting[0], ones)
    page.refuses(caught.value.code, "step2", state=text_of(held.waiting[0]), files=files)


# --- Signing ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signing(mixed: Mixed) -> Signing:
    return Signing(mixed)


def remembering(mixed: Mixed, **memory: Json) -> str:
    """The key of the first trustee, which has signed the definition, and what else it remembers."""
    memory = {"definition": mixed.session.phi, **memory}
    return text_of(replace(mixed.held.states[0], **memory))


def test_signatures_of_the_page_are_the_committees(page: Page, mixed: Mixed, signing: Signing):
    """At all three moments; stored before they are shown, and once only."""
    session = mixed.session
    state = text_of(mixed.held.states[0])
    moments: list[tuple[str, State, str, dict[str, str]]] = [
        ("sign_definition", State.SEALED, "definition", signing.definition),
        ("sign_opening", State.OPEN, "opening", signing.opening),
        ("sign_closing", State.CLOSED, "closing", signing.closing()),
    ]
    for what, reached, remembered, given in moments:
        answer = page.ask(what, state=state, **given)
        signed = note.parse(answer["note"].encode())
        assert signed.text == mixed.fixed[reached].body
        checkpoint.check_trustee(signed, session.election, session.parameters, 1)
        [state] = answer["states"]
        stored = json.loads(state)
        assert stored[remembered] == mixed.fixed[reached].signed_digest
        again = page.ask(what, state=state, **given)
        assert json.loads(again["states"][0])[remembered] == stored[remembered]
        assert json.loads(again["states"][0])["mark"] != stored["mark"]


def test_a_restored_copy_signs_nothing(page: Page, mixed: Mixed, signing: Signing):
    state = remembering(mixed)
    for what, given in (
        ("sign_definition", signing.definition),
        ("sign_opening", signing.opening),
        ("sign_closing", signing.closing()),
    ):
        page.refuses("refused", what, state=state, restored="yes", **given)


def test_a_second_different_signature_is_refused(page: Page, mixed: Mixed, signing: Signing):
    other = "0" * 64
    phi = b64_sha256(b"another definition")
    fresh = text_of(mixed.held.states[0])
    page.refuses("wrong_state", "sign_opening", state=fresh, **signing.opening)
    page.refuses("wrong_state", "sign_closing", state=fresh, **signing.closing())
    cases = [
        ("sign_definition", signing.definition, {"definition": phi}),
        ("sign_opening", signing.opening, {"definition": phi}),
        ("sign_opening", signing.opening, {"opening": other}),
        ("sign_closing", signing.closing(), {"definition": phi}),
        ("sign_closing", signing.closing(), {"opening": other}),
        ("sign_closing", signing.closing(), {"closing": other}),
    ]
    for what, given, memory in cases:
        page.refuses("already_signed", what, state=remembering(mixed, **memory), **given)


def test_a_definition_that_is_not_of_the_own_ceremony(page: Page, mixed: Mixed, signing: Signing):
    """Other salts, another committee, another session.json, levels that are no regime's."""
    session, state = mixed.session, text_of(mixed.held.states[0])
    ours = json.loads(session.election.raw)

    def refused(code: str, change: Callable[[Json], None], **files: str) -> None:
        value = json.loads(json.dumps(ours))
        change(value["phieukin"])
        election = canonical(value).decode()
        given = {**signing.definition, "election": election, **files}
        page.refuses(code, "sign_definition", state=state, **given)

    def salt(value: Json) -> None:
        value["committee"]["members"][1]["salts"][0] = "0" * 64

    def human(value: Json) -> None:
        value["session"] = sha256(b"{}")

    def threshold(value: Json) -> None:
        value["committee"]["threshold"] = 3

    def nothing(_: Json) -> None:
        pass

    refused("bad_trustees", salt)
    refused("bad_definition", human)
    refused("bad_definition", threshold)
    refused("bad_definition", nothing, session="{}")
    stranger = testkit.session()
    given = {
        "election": stranger.election.raw.decode(),
        "trustees": stranger.trustees.encode().decode(),
        "session": stranger.human.encode().decode(),
    }
    page.refuses("bad_trustees", "sign_definition", state=state, **given)
    level = testkit.seal(levels=2, held=mixed.held)
    given = {
        "election": level.election.raw.decode(),
        "trustees": level.trustees.encode().decode(),
        "session": level.human.encode().decode(),
    }
    page.refuses("bad_definition", "sign_definition", state=state, **given)
    waiting = text_of(mixed.held.waiting[0])
    page.refuses("incomplete", "sign_definition", state=waiting, **signing.definition)


def test_an_opening_with_more_than_people(page: Page, mixed: Mixed, signing: Signing):
    state = remembering(mixed)
    page.ask("sign_opening", state=state, **signing.opening)
    fewer = {**signing.opening, "present": "11"}
    page.refuses("bad_counts", "sign_opening", state=state, **fewer)
    members = json.loads(signing.opening["credentials"])
    shorter = {**signing.opening, "credentials": json.dumps(members[1:], separators=(",", ":"))}
    page.refuses("bad_checkpoint", "sign_opening", state=state, **shorter)
    turned = {**signing.opening, "credentials": json.dumps(members[::-1], separators=(",", ":"))}
    page.refuses("bad_credentials", "sign_opening", state=state, **turned)
    alone = {**signing.opening, "notes": signing.notes((Moment.OPENING, State.OPEN, ()))}
    page.refuses("incomplete", "sign_opening", state=state, **alone)
    notes = signing.notes(
        (Moment.DEFINITION, State.SEALED, (1, 2)), (Moment.OPENING, State.OPEN, ())
    )
    page.refuses(
        "bad_checkpoint", "sign_opening", state=state, **{**signing.opening, "notes": notes}
    )


def test_a_closing_that_does_not_follow(page: Page, mixed: Mixed, signing: Signing):
    state, honest = remembering(mixed), signing.closing()
    page.ask("sign_closing", state=state, **honest)
    page.refuses("bad_counts", "sign_closing", state=state, **{**honest, "present": "9"})
    trackers = json.loads(honest["trackers"])
    fewer = {**honest, "trackers": json.dumps(trackers[1:], separators=(",", ":"))}
    page.refuses("bad_checkpoint", "sign_closing", state=state, **fewer)
    unsigned = signing.closing(opened=(1,))
    page.refuses("bad_checkpoint", "sign_closing", state=state, **unsigned)
    members = json.loads(honest["credentials"])
    other = {**honest, "credentials": json.dumps(members[1:], separators=(",", ":"))}
    page.refuses("bad_checkpoint", "sign_closing", state=state, **other)
    names = replace(mixed.fixed[State.CLOSED], opening="0" * 64)
    notes = json.loads(honest["notes"])
    notes["closing"] = mixed.session.note(names, ()).decode()
    another = {**honest, "notes": json.dumps(notes)}
    page.refuses("bad_checkpoint", "sign_closing", state=state, **another)
    stranger = text_of(replace(testkit.session().state(1), definition=mixed.session.phi))
    page.refuses("refused", "sign_closing", state=stranger, **honest)


# --- The totals ---------------------------------------------------------------------------------


def test_totals_are_opened_after_a_quorum_and_once(page: Page, mixed: Mixed, signing: Signing):
    """Shares of either pass in the other; the record of both passes the audit."""
    session, state, given = mixed.session, remembering(mixed), signing.closing((1, 2, 3))
    page.refuses("bad_checkpoint", "open_totals", state=state, **signing.closing((1, 2)))
    page.refuses("bad_checkpoint", "see_quorum", state=state, **signing.closing((1,)))
    [seen] = page.ask("see_quorum", state=state, **given)["states"]
    assert json.loads(seen)["quorum_seen"] == 1_790_000_000
    other = remembering(mixed, tally="0" * 64)
    page.refuses("already_decrypted", "open_totals", state=other, **given)
    answer = page.ask("open_totals", state=seen, now="1790003600", **given)
    [stored] = answer["states"]
    assert json.loads(stored)["tally"] == mixed.opened.digest
    copy = text_of(replace(mixed.held.states[0], quorum_seen=1_700_000_000))
    assert page.ask("open_totals", state=copy, restored="yes", **given)["share"] != ""
    share = Share.decode_file(answer["share"].encode(), "share", session.election)
    tally.check_share(session.election, session.trustees, mixed.opened, share)
    ours = session.share(2, mixed.opened).encode_file(session.phi).decode()
    known = {**signing.known, "tally": mixed.opened.encode().decode()}
    assert page.ask("check_share", share=ours, **known) == {"owner": 2}
    bent = ours.replace('"owner":2', '"owner":3')
    page.refuses("bad_share", "check_share", share=bent, **known)
    _audited(page, mixed, [share, session.share(2, mixed.opened)])


def _audited(page: Page, mixed: Mixed, shares: list[Share]) -> None:
    """The record whose totals these shares open passes the audit, and the checks of the page."""
    session, partials = mixed.session, [share.partial for share in shares]
    size = len(mixed.parts.ballots)
    totals = tally.combine(session.election, session.trustees, mixed.opened, size, partials)
    assert totals == testkit.TOTALS
    parts = replace(
        mixed.parts,
        shares=tuple((partial.encode(), partial.owned()) for partial in partials),
        result=tally.encode_result(totals),
        side={SHARES: tally.encode_statements(shares)},
    )
    signed = session.sign(parts)
    outcome = audit.audit_bundle(io.BytesIO(session.bundle(signed)), audit.AuditOptions())
    assert outcome.error is None
    given = {
        "election": session.election.raw.decode(),
        "trustees": parts.trustees.decode(),
        "tally": parts.tally.decode(),
        "ballots": str(size),
        "result": parts.result.decode(),
        "shares": json.dumps([[p.owner, p.encode().decode()] for p in partials]),
        "statements": parts.side[SHARES].decode(),
        "ceremony": signed.side[CEREMONY].decode(),
    }
    assert json.loads(page.ask("check_trustees", **given)["totals"]) == totals
    _refused_alike(page, mixed, given)


def _refused_alike(page: Page, mixed: Mixed, given: dict[str, str]) -> None:
    """One defect each in what `check_trustees` looks at."""
    shares, trace = json.loads(given["shares"]), json.loads(given["ceremony"])
    first, second = trace["trustees"][:2]
    for code, change in (
        ("bad_definition", {"trustees": testkit.session().trustees.encode().decode()}),
        ("bad_share", {"shares": json.dumps([shares[0], shares[0]])}),
        ("bad_share", {"shares": json.dumps([[2, shares[0][1]], shares[1]])}),
        ("bad_share", {"shares": json.dumps(shares[::-1])}),
        ("bad_share", {"shares": json.dumps(shares[:1])}),
        ("bad_result", {"result": given["result"].replace("[5,2,1]", "[5,1,2]", 1)}),
        ("bad_trustees", {"ceremony": _trace(trace, {**first, "commitment": "0" * 64})}),
        ("bad_trustees", {"ceremony": _trace(trace, {**first, "shares": "0" * 64})}),
        ("bad_trustees", {"ceremony": _trace(trace, {**first, "sent": second["sent"]})}),
        ("bad_trustees", {"ceremony": _trace(trace, {**first, "committed": second["committed"]})}),
        ("bad_trustees", {"ceremony": _trace(trace, second)}),
    ):
        page.refuses(code, "check_trustees", **{**given, **change})
    cut = {**trace, "trustees": trace["trustees"][:2]}
    raw = canonical(cut)
    with pytest.raises(ProtocolError) as caught:
        ceremony.check_transcript(raw, mixed.held.trustees, mixed.held.committee)
    page.refuses(caught.value.code, "check_trustees", **{**given, "ceremony": raw.decode()})


def _trace(trace: Json, first: Json) -> str:
    return canonical({**trace, "trustees": [first, *trace["trustees"][1:]]}).decode()


def test_the_phones_have_time(page: Page, mixed: Mixed):
    """Outside a rehearsal each trustee waits on its own clock."""
    real = Mixed(page)
    real.__dict__["held"] = mixed.held
    real.__dict__["session"] = testkit.seal(held=mixed.held, rehearsal=False)
    given = Signing(real).closing((1, 2, 3))
    policy = real.session.parameters.policy
    state = replace(mixed.held.states[0], definition=real.session.phi)
    page.refuses("wrong_state", "open_totals", state=text_of(state), **given)
    seen = text_of(replace(state, quorum_seen=1_790_000_000))
    early = str(1_790_000_000 + policy.check_seconds - 1)
    page.refuses("wrong_state", "open_totals", state=seen, now=early, **given)
    late = str(1_790_000_000 + policy.check_seconds)
    assert "share" in page.ask("open_totals", state=seen, now=late, **given)


# --- One trustee alone --------------------------------------------------------------------------


def test_a_single_trustee_signs_and_opens(page: Page):
    state = state_of(page.ask("single")["state"])
    alone = Mixed(page)
    alone.__dict__["held"] = Alone([state], [state], [state], [], [], [])
    session = alone.session
    alone.__dict__["parts"] = session.archived(
        [session.vote(i, choices) for i, choices in enumerate(testkit.VOTES)], (1,)
    )
    given = Signing(alone, (1,))
    kept = text_of(state)
    for what, reached, inputs in (
        ("sign_definition", State.SEALED, given.definition),
        ("sign_opening", State.OPEN, given.opening),
        ("sign_closing", State.CLOSED, given.closing(opened=(1,))),
    ):
        answer = page.ask(what, state=kept, **inputs)
        signed = note.parse(answer["note"].encode())
        checkpoint.check_trustee(signed, session.election, session.parameters, 1)
        assert signed.text == alone.fixed[reached].body
        [kept] = answer["states"]
    closed = given.closing((1,), (1,))
    [kept] = page.ask("see_quorum", state=kept, **closed)["states"]
    answer = page.ask("open_totals", state=kept, now="1790003600", **closed)
    share = Share.decode_file(answer["share"].encode(), "share", session.election)
    tally.check_share(session.election, session.trustees, alone.opened, share)
    partials = [share.partial]
    totals = tally.combine(session.election, session.trustees, alone.opened, 9, partials)
    assert totals == testkit.TOTALS
