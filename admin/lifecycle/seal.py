"""From a draft and the trustees' messages to a definition that everyone has signed.

propose   assembles the trustees' key, makes the server's keys, writes election.json
sign      each trustee signs the checkpoint of that definition (admin/client/trustee.py)
seal      all signatures are there: the definition is final
"""

import secrets
from dataclasses import dataclass, replace

from admin.prepare.draft import Draft
from admin.record import files
from admin.session import keys, page
from admin.session.books import Books
from admin.session.definition import Definition
from crypto import ceremony, checkpoint, note
from crypto.ceremony_messages import SingleKey, Step1, Step2, Step3
from crypto.checkpoint import Checkpoint
from crypto.committee import Committee
from crypto.encoding import canonical, sha256
from crypto.errors import Incomplete, NotSigned, Refused, WrongState
from crypto.lifecycle import State, Step, after
from crypto.note import Note, Signer
from crypto.session import Election, Parameters, define, roster_mac
from crypto.trustees import Trustees
from storage.registrar.book import RegistrarBook
from storage.rows import Person, Proposal

SALT = "roster.salt"
STEPS = ("step1", "step2", "step3")


@dataclass(frozen=True, slots=True)
class CommitteeKey:
    """What a finished ceremony leaves: the key, who has it, and the public transcript."""

    trustees: Trustees
    committee: Committee
    transcript: bytes


async def missing_messages(book: RegistrarBook, uuid: str, size: int) -> dict[str, list[int]]:
    """For each step of the ceremony, and for the signature, the trustees not yet heard of."""
    missing = {}
    for kind in (*(STEPS if size > 1 else ("step1",)), "seal"):
        messages = await book.messages(uuid, kind)
        missing[kind] = [owner for owner in range(1, size + 1) if owner not in messages]
    return missing


async def _assemble(book: RegistrarBook, uuid: str, size: int) -> CommitteeKey:
    """The trustees' key, from the messages of the ceremony.

    Raises:
        Incomplete: names the step and the trustees that are missing.
        FaultyTrustee, BadTrustees: a message fails a check.
    """
    missing = await missing_messages(book, uuid, size)
    for step in STEPS:
        if missing.get(step):
            owners = ", ".join(str(owner) for owner in missing[step])
            named = step.replace("step", "step ")
            raise Incomplete(f"{named} of trustees {owners} is not there yet")
    if size == 1:
        single = SingleKey.decode((await book.messages(uuid, "step1"))[1], "step1")
        trustees, committee = Trustees((single.item,)), ceremony.committee_of(1, [single])
        return CommitteeKey(trustees, committee, canonical(ceremony.transcript([], [])))
    step1s, step2s, step3s = [await book.messages(uuid, step) for step in STEPS]
    first = [Step1.decode(raw, f"step1 of trustee {i}") for i, raw in sorted(step1s.items())]
    second = [Step2.decode(raw, f"step2 of trustee {i}") for i, raw in sorted(step2s.items())]
    third = [Step3.decode(raw, f"step3 of trustee {i}") for i, raw in sorted(step3s.items())]
    trustees = Trustees((ceremony.assemble(first, second, third),))
    committee = ceremony.committee_of(trustees.needed, first)
    return CommitteeKey(trustees, committee, canonical(ceremony.transcript(first, second)))


async def propose(books: Books, draft: Draft) -> Election:
    """Writes the definition that the trustees are asked to sign; again gives the same.

    Raises:
        WrongState: the session is sealed already.
        Incomplete, FaultyTrustee, BadTrustees: from the ceremony.
        Refused: the draft, or the page, has changed since the first proposal.
    """
    uuid = draft.uuid
    session_json = replace(draft.human, page=page.hashes()).encode()
    after((await books.registrar.session(uuid)).state, Step.SEAL)
    key = await _assemble(books.registrar, uuid, draft.trustees)
    keys.make(books.datadir, uuid)
    election = define(
        name=draft.human.name,
        description="",
        uuid=uuid,
        trustees=key.trustees,
        parameters=_parameters(books, draft, key, session_json),
    )
    proposed = Proposal(election.raw, key.trustees.encode(), key.transcript)
    await books.registrar.propose(uuid, session_json, proposed)
    await keep_roster(books.registrar, draft)
    return election


async def keep_roster(book: RegistrarBook, draft: Draft) -> None:
    """Writes the roster, once: new persons would take the codes of the old ones with them."""
    rows = [(place, row.name, dict(row.details)) for place, row in enumerate(draft.roster, start=1)]
    stored = await book.roster(draft.uuid)
    if [(person.place, person.name, person.details) for person in stored] != rows:
        people = [Person(secrets.token_bytes(16), *row) for row in rows]
        await book.put_roster(draft.uuid, people)


async def proposal(book: RegistrarBook, uuid: str) -> Definition | None:
    """The definition that waits for signatures, or has been sealed, if there is one."""
    stored = await book.proposal(uuid)
    return None if stored is None else Definition.decode(stored.election, stored.trustees)


def seal_checkpoint(election: Election, trustees: Trustees) -> Checkpoint:
    """What everyone signs at the seal."""
    if election.parameters is None:
        raise Refused("not a definition of this program")
    counts = (election.parameters.roster_size,)
    return checkpoint.make(election, State.SEALED, counts, trustees.encode())


async def seal(books: Books, uuid: str) -> Checkpoint:
    """Makes the proposed definition final.

    Raises:
        NotSigned: names the trustees who have not.
        BadCheckpoint: a trustee's signature is wrong.
        WrongState: there is no proposal, or the session is sealed already.
    """
    after((await books.registrar.session(uuid)).state, Step.SEAL)
    proposed = await proposal(books.registrar, uuid)
    if proposed is None:
        raise WrongState("there is no definition to seal; propose one first")
    election, trustees = proposed.election, proposed.trustees
    signed = await books.registrar.messages(uuid, "seal")
    owners = range(1, len(trustees.signing_keys) + 1)
    missing = [str(owner) for owner in owners if owner not in signed]
    if missing:
        raise NotSigned(f"φ is not yet signed by trustees {', '.join(missing)}")
    sealed = seal_checkpoint(election, trustees)
    notes = [_own_note(books, sealed)]
    notes += [note.parse(signed[owner]) for owner in owners]
    joined = note.join(notes)
    server = checkpoint.party_keys(election, proposed.parameters, State.SEALED)
    checkpoint.check(joined, sealed, server)
    checkpoint.check_committee(joined, election, proposed.parameters)
    await books.box.add_session(uuid, election.raw)
    await books.box.put_note(uuid, State.SEALED, joined.encode())
    await books.registrar.put_note(uuid, State.SEALED, joined.encode())
    await books.registrar.move(uuid, Step.SEAL)
    return sealed


async def sign(books: Books, reached: Checkpoint) -> None:
    """Signs a checkpoint with the server's keys and keeps it in both books."""
    signed = _own_note(books, reached).encode()
    await books.box.put_note(reached.uuid, reached.state, signed)
    await books.registrar.put_note(reached.uuid, reached.state, signed)


def _own_note(books: Books, reached: Checkpoint) -> Note:
    signers: list[Signer] = [
        keys.signer(books.datadir, reached.uuid, party)
        for party in checkpoint.SIGNERS[reached.state]
    ]
    return note.sign(reached.body, signers)


def _parameters(books: Books, draft: Draft, key: CommitteeKey, session_json: bytes) -> Parameters:
    datadir, uuid = books.datadir, draft.uuid
    salt = datadir.keys(uuid) / SALT
    if not salt.exists():
        files.write(salt, secrets.token_bytes(32), mode=0o600)
    parties = {party: keys.signer(datadir, uuid, party).key.public for party in keys.PARTIES}
    return Parameters(
        trustees=key.trustees.digest,
        committee=key.committee,
        session=sha256(session_json),
        issuer=keys.issuer(datadir, uuid).public.spki,
        registrar=parties["registrar"],
        box=parties["box"],
        chair=parties["chair"],
        roster_size=len(draft.roster),
        roster_mac=roster_mac(salt.read_bytes(), draft.roster_bytes),
        officials=tuple(draft.officials),
        policy=draft.policy,
    )
