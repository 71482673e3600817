"""The trustees of the demo: each has a key of its own; they sit at one machine.

They make the key of the session, sign its definition, seal the box, sign the close and open the
totals, by what admin/client does for every trustee. One audit of the archive serves them all.
"""

import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from admin.client import signing, trustee
from admin.client.server import Box, Registrar
from admin.client.signing import ClosedBox, Signable
from admin.client.trustee import SIGNATURES, Next
from admin.lifecycle import seal
from admin.prepare.draft import Draft
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import ClosedArchive
from admin.record.pool import Workers
from crypto import ceremony
from crypto.audit.report import Report
from crypto.committee import Moment
from crypto.keyfile import TrusteeState, remember_tally
from crypto.lifecycle import State
from crypto.session import Election

if TYPE_CHECKING:
    from admin.demo.session import Sealed, Secretary

SIZE, THRESHOLD = 3, 2  # so all three must seal the box and sign the close
OPENERS = (1, 3)  # the trustees who open the totals
_POLL, _PATIENCE = 0.1, 600  # seconds, looks


def seal_session(secretary: "Secretary", draft: Draft) -> list[TrusteeState]:
    """The ceremony through the server; returns what the trustees' key files would hold."""
    uuid, server = draft.uuid, secretary.server
    secretary.register(draft)
    logins = [secretary.role_login(uuid, "trustee", owner) for owner in range(1, SIZE + 1)]
    bearers = [Registrar.login(server, uuid, login) for login in logins]
    keys: list[TrusteeState] = []
    for owner, bearer in enumerate(bearers, start=1):
        state, message = ceremony.step1(owner, SIZE, THRESHOLD)
        bearer.put(uuid, Next.STEP1, message.encode())
        keys.append(state)
    for owner, bearer in enumerate(bearers):
        view = trustee.fetch(bearer, uuid)
        keys[owner], second = ceremony.step2(keys[owner], trustee.step1s(view))
        bearer.put(uuid, Next.STEP2, second.encode())
    for owner, bearer in enumerate(bearers):
        view = trustee.fetch(bearer, uuid)
        keys[owner], third = ceremony.step3(keys[owner], trustee.step2s(view))
        bearer.put(uuid, Next.STEP3, third.encode())
    secretary.do(lambda books: seal.propose(books, draft))
    for owner, bearer in enumerate(bearers):
        signable = trustee.proposed(trustee.fetch(bearer, uuid), keys[owner])
        keys[owner] = _sign(bearer, keys[owner], signable)
    secretary.do(lambda books: seal.seal(books, uuid))
    return keys


def seal_box(session: "Sealed", present: int) -> None:
    """All look at the list and at the head count, and sign the opening; then ballots come in."""
    box, credentials = session.box, session.box.credentials()
    election, notes = _definition(box), signing.read_notes(box.checkpoints())
    for owner, key in enumerate(session.keys):
        signable = signing.opening(key, election, notes, credentials, present)
        session.keys[owner] = _sign(_registrar(session, owner + 1), key, signable)
    _await_signatures(session, State.OPEN)


def sign_close(
    session: "Sealed", present: int, workers: Workers, step: Callable[[int], None]
) -> ClosedArchive:
    """All audit the archive and sign the close; returns the archive."""
    notes = signing.read_notes(session.box.checkpoints())
    with tempfile.TemporaryFile() as file:
        limit = signing.archive_limit(session.keys[0], _definition(session.box), notes)
        _registrar(session, 1).record(session.uuid, file, limit)
        archive = opening.audit_closed(rewinding(file), Report(), workers.checking(step))
    for owner, key in enumerate(session.keys):
        signable = signing.closing(signing.closed_box(key, archive, notes), present)
        session.keys[owner] = _sign(_registrar(session, owner + 1), key, signable)
    _await_signatures(session, State.CLOSED)
    return archive


def open_totals(session: "Sealed", archive: ClosedArchive) -> None:
    """The trustees who are there remember the tally and send their shares."""
    notes = signing.read_notes(session.box.checkpoints())
    for owner in OPENERS:
        closed: ClosedBox = signing.closed_box(session.keys[owner - 1], archive, notes)
        key = remember_tally(session.keys[owner - 1], archive.cast.tally.digest)
        _registrar(session, owner).put(session.uuid, Next.SHARE, signing.share(closed, key))


def _sign(registrar: Registrar, key: TrusteeState, signable: Signable) -> TrusteeState:
    """Remembers what is signed, then hands it in; returns the key."""
    key = signing.remembering(key, signable)
    kind = SIGNATURES[signable.moment]
    registrar.put(signable.election.uuid, kind, signing.sign(key, signable).encode())
    return key


def _registrar(session: "Sealed", owner: int) -> Registrar:
    login = session.secretary.role_login(session.uuid, "trustee", owner)
    return Registrar.login(session.secretary.server, session.uuid, login)


def _definition(box: Box) -> Election:
    return Election.decode(box.session()["election"].encode())


def _await_signatures(session: "Sealed", state: State) -> None:
    """Until the server has put the quorum's signatures onto the note.

    Raises:
        TimeoutError: it does not.
    """
    moment = {State.OPEN: Moment.OPENING, State.CLOSED: Moment.CLOSING}[state]
    for _ in range(_PATIENCE):
        session.secretary.gather(session.uuid)
        answer = session.box.session()
        waiting = answer.get("waiting")
        if answer["state"] == state and (waiting is None or waiting["moment"] != moment):
            return
        time.sleep(_POLL)
    raise TimeoutError(f"the server does not take in the signatures of the {moment}")
