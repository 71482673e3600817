"""How trustees make the key of a session so that any t of n can use it, and no t − 1.

Pedersen's key generation in three steps (docs/protocol.md §5.1), commit-then-reveal, so that
nobody can choose a polynomial after seeing the others'. Its public outcome is exactly the
`Pedersen` item of Belenios v1. Run by each trustee, offline, with files carried between:

    step1 () → certificate of two keys, commitment to the polynomial
    step2 (all step 1) → the polynomial in the exponent, a sealed share for each other
    step3 (all step 2) → the trustee's verification key, signed
    assemble (everything, by anyone) → the item of trustees.json

Each step is a function (state, messages) → (state, message). The state must be stored before
the message is handed over: step 2 then refuses any other set of step 1 messages, which would
otherwise let a courier collect all the shares of one polynomial.

`FaultyTrustee(i)` means that what came under i's name is wrong: i's doing, or that of whoever
carried the file. A wrong share is seen by its receiver alone; nobody else can check the
accusation, so all start again with new keys. What no signature shows is *who* a certificate
belongs to: trustees compare `agreement_code` aloud.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from crypto import shamir
from crypto.ceremony_messages import (
    SingleKey,
    Step1,
    Step2,
    Step3,
    agreed_digest,
    commitment,
    open_share,
    seal_share,
    sent_statement,
    shares_digest,
)
from crypto.committee import Committee, Member, safe_threshold
from crypto.encoding import CODE_GROUPS, Fields, Json, array, hex_digest, integer, parse, spoken
from crypto.errors import BadTrustees, FaultyTrustee, Incomplete, Malformed, WrongState
from crypto.group import Element, G, Q, product
from crypto.keyfile import TrusteeState, decryption_scalar, new_seed
from crypto.sigma import Proof, check_key, check_message, prove_key, sign_message
from crypto.trustees import (
    MAX_TRUSTEES,
    Certificate,
    Pedersen,
    SignedMessage,
    Single,
    TrusteeKey,
    Trustees,
    coefficients_from_message,
    coefficients_message,
    transcript_message,
)

TRANSCRIPT_LIMIT = 1 << 16  # bytes; 32 trustees need about 20 kB


class _Message(Protocol):
    @property
    def index(self) -> int: ...


_M = TypeVar("_M", bound=_Message)


# --- A single trustee ---------------------------------------------------------------------


def single(state: TrusteeState) -> SingleKey:
    """The message of a trustee who alone holds the key."""
    item = Single(TrusteeKey(prove_key(state.secret), G**state.secret))
    return SingleKey(item, state.salt_commitments)


# --- A trustee among several --------------------------------------------------------------


def step1(index: int, size: int, threshold: int) -> tuple[TrusteeState, Step1]:
    """Makes a trustee's keys.

    Raises:
        Malformed: not 1 ≤ index ≤ size, not 2 ≤ size ≤ 32, or a threshold that protects nobody.
    """
    integer(size, "number of trustees", low=2, high=MAX_TRUSTEES)
    if not safe_threshold(size, threshold):
        raise Malformed(
            f"threshold: {threshold} of {size} trustees; more than half of them must be needed"
        )
    integer(index, "trustee's number", low=1, high=size)
    return _step1(TrusteeState(new_seed(), index, size, threshold))


def _step1(state: TrusteeState) -> tuple[TrusteeState, Step1]:
    secret = state.signing_secret
    verification, encryption = G**secret, G ** decryption_scalar(state.seed)
    # Both keys and the ceremony they are for in one signed string: a certificate made for other
    # trustees or another threshold cannot be brought in here (docs/protocol.md §5.1, step 1).
    certificate = Certificate(state.size, state.threshold, state.index, verification, encryption)
    proof = sign_message(certificate.message, secret)
    # Commit before anyone reveals: who chose his polynomial after seeing the others' could make
    # the sum, and so the key of the session, what he likes.
    revealed = coefficients_message(shamir.commit(state.polynomial))
    hidden = commitment(SignedMessage(certificate.message, proof), revealed)
    unsigned = Step1(certificate, proof, hidden, state.salt_commitments, proof)
    message = replace(unsigned, signature=sign_message(unsigned.statement, secret))
    return replace(state, step1s=(message.encode().decode(),)), message


def step2(state: TrusteeState, step1s: Sequence[Step1]) -> tuple[TrusteeState, Step2]:
    """Checks every step 1 message, reveals the polynomial, sends each its share.

    Raises:
        FaultyTrustee: whose message is wrong, or is not the one seen before.
        Incomplete, Malformed: a message is missing, or is given twice.
        WrongState: a single key has no step 2.
    """
    if state.single:
        raise WrongState("a single key needs step 1 only")
    # §5.1, step 2. 1. Everyone's certificate and commitment, and nothing that changed since:
    #    two sets of step 1 messages would get two sets of shares of one polynomial.
    messages = _check_step1s(step1s, state.size, state.threshold, state.index)
    _check_pinned(state, messages)
    # 2. Reveal, and bind the polynomial to all certificates: it counts for these people only.
    secret, polynomial, agreed = state.signing_secret, state.polynomial, agreed_digest(messages)
    A = shamir.commit(polynomial)
    revealed = coefficients_message(A)
    transcript = transcript_message([message.cert for message in messages], A)
    # 3. f(j) for each other trustee j, sealed for the key of his certificate, and one signature
    #    over all of it: nobody can exchange a share on the way and have this trustee blamed.
    shares = tuple(
        seal_share(shamir.evaluate(polynomial, m.index), agreed, state.index, m.certificate)
        for m in messages
        if m.index != state.index
    )
    message = Step2(
        state.index,
        agreed,
        SignedMessage(revealed, sign_message(revealed, secret)),
        sign_message(transcript, secret),
        shares,
        sign_message(sent_statement(agreed, shares_digest(shares)), secret),
    )
    return replace(state, step1s=tuple(m.encode().decode() for m in messages)), message


def step3(state: TrusteeState, step2s: Sequence[Step2]) -> tuple[TrusteeState, Step3]:
    """Checks every step 2 message and share; makes this trustee's part of the key.

    Raises:
        FaultyTrustee: whose message or share is wrong, or who saw other step 1 messages.
        Incomplete, Malformed: a message is missing, or is given twice.
        WrongState: step 2 has not been run with this key.
    """
    if state.single:
        raise WrongState("a single key needs step 1 only")
    if len(state.step1s) != state.size:
        raise WrongState("this key has not run step 2 yet")
    # §5.1, step 3. 1. What everyone revealed is what they committed to, towards the same
    #    certificates. The step 1 messages come from the key file, not from the courier again.
    step1s = pinned(state)
    messages, commitments = _check_step2s(step2s, step1s)
    # 2. S_j = Σ f_i(j), each term checked against its commitments (Feldman): a wrong share
    #    would show only at the tally, when nobody could say any more whose it was.
    share, agreed, decryption = 0, agreed_digest(step1s), decryption_scalar(state.seed)
    for message, A in zip(messages, commitments, strict=True):
        if message.index == state.index:
            part = shamir.evaluate(state.polynomial, state.index)
        else:
            part = open_share(message, agreed, state.index, decryption)
        failure = FaultyTrustee(message.index, "the share it sent is not on its polynomial")
        shamir.check_share(part, A, state.index, failure)
        share = (share + part) % Q
    # 3. The verification key that everybody can compute as well, with proof of possession.
    public = G**share
    signature = sign_message(public.hex, state.signing_secret)
    answer = Step3(state.index, agreed, TrusteeKey(prove_key(share), public, signature))
    return replace(state, share=share), answer


def pinned(state: TrusteeState) -> list[Step1]:
    """The step 1 messages that the key file holds."""
    return [
        Step1.decode(message.encode(), f"key file, step 1 message {i}")
        for i, message in enumerate(state.step1s, 1)
    ]


# --- Anyone -------------------------------------------------------------------------------


def assemble(step1s: Sequence[Step1], step2s: Sequence[Step2], step3s: Sequence[Step3]) -> Pedersen:
    """The item of trustees.json, checked.

    Raises:
        FaultyTrustee: whose message is wrong.
        Incomplete, Malformed: a message is missing, or is given twice.
        BadTrustees: the item as a whole fails.
    """
    if not step1s:
        raise Incomplete("the step 1 messages are missing")
    context = step1s[0].certificate
    messages1 = _check_step1s(step1s, context.size, context.threshold)
    messages2, commitments = _check_step2s(step2s, messages1)
    messages3 = _each_once(step3s, len(messages1), "step 3")
    for message1, message3 in zip(messages1, messages3, strict=True):
        _check_step3(message3, message1, agreed_digest(messages1), commitments)
    item = Pedersen(
        context.threshold,
        tuple(message1.cert for message1 in messages1),
        tuple(message2.coefexps for message2 in messages2),
        tuple(message2.transcript for message2 in messages2),
        tuple(message3.key for message3 in messages3),
    )
    item.check("trustees")
    return item


def agreement_code(step1s: Sequence[Step1]) -> str:
    """100 bits of the step 1 messages: trustees read it to each other in steps 2 and 3."""
    return spoken(
        bytes.fromhex(agreed_digest(sorted(step1s, key=lambda message: message.index))), CODE_GROUPS
    )


def committee_of(threshold: int, messages: Sequence[Step1 | SingleKey]) -> Committee:
    """The committee as the definition names it, from everyone's first message in their order."""
    members = [
        Member(message.item.public_key.raw, message.salts)
        if isinstance(message, SingleKey)
        else Member(message.certificate.verification.raw, message.salts)
        for message in messages
    ]
    return Committee(threshold, tuple(members))


def transcript(step1s: Sequence[Step1], step2s: Sequence[Step2]) -> Json:
    """ceremony.json: the signed commitments, and that each trustee revealed after all."""
    pairs = zip(
        sorted(step1s, key=lambda message: message.index),
        sorted(step2s, key=lambda message: message.index),
        strict=True,
    )
    trustees = [
        {
            "commitment": first.commitment,
            "committed": first.signature.to_json(),
            "shares": second.digest,
            "sent": second.signature.to_json(),
        }
        for first, second in pairs
    ]
    return {"schema": "phieukin.ceremony/1", "trustees": trustees}


def check_transcript(raw: bytes, trustees: Trustees, committee: Committee) -> None:
    """Every polynomial and salt was committed to before any honest trustee revealed its own.

    Each trustee signed its commitments, and then with its shares the hash of all commitments.

    Raises:
        Malformed: not a transcript, or not of so many trustees.
        BadTrustees: it does not fit trustees.json; names the trustee.
    """
    path = "ceremony"
    value = parse(raw, path, limit=TRANSCRIPT_LIMIT)
    fields = Fields(value, path, "schema", "trustees")
    if fields["schema"] != "phieukin.ceremony/1":
        raise Malformed(f"{path}.schema: not a transcript of a ceremony")
    items = [item for item in trustees.items if isinstance(item, Pedersen)]
    size = sum(len(item.certs) for item in items)
    entries = iter(fields.read("trustees", array, low=size, high=size))
    salts = {member.key: member.salts for member in committee.members}
    for item in items:
        _check_item(item, [next(entries) for _ in item.certs], salts)


# --- Checks -------------------------------------------------------------------------------


def _each_once(messages: Sequence[_M], size: int, step: str) -> list[_M]:
    """The messages by their trustee's number, one of each."""
    by_index: dict[int, _M] = {}
    for message in messages:
        if message.index > size:
            raise FaultyTrustee(message.index, f"there are only {size} trustees")
        if by_index.setdefault(message.index, message) is not message:
            if by_index[message.index] != message:
                raise FaultyTrustee(message.index, f"two different {step} messages")
            raise Malformed(f"the {step} message of trustee {message.index} is given twice")
    missing = [str(i) for i in range(1, size + 1) if i not in by_index]
    if missing:
        raise Incomplete(f"the {step} message of trustee {', '.join(missing)} is missing")
    return [by_index[i] for i in range(1, size + 1)]


def _check_step1s(
    messages: Sequence[Step1], size: int, threshold: int, own: int = 0
) -> list[Step1]:
    for message in messages:
        certificate = message.certificate
        if (certificate.size, certificate.threshold) != (size, threshold):
            stated = f"{certificate.threshold} of {certificate.size}"
            detail = f"certificate for {stated}, not {threshold} of {size}"
            raise FaultyTrustee(message.index, detail)
    ordered = _each_once(messages, size, "step 1")
    for message in ordered:
        signer = message.certificate.verification
        failure = FaultyTrustee(message.index, "signature of the certificate")
        check_message(message.certificate.message, signer, message.proof, failure)
        failure = FaultyTrustee(message.index, "signature of the step 1 message")
        check_message(message.statement, signer, message.signature, failure)
    # One's own come first: whoever repeats them is the other.
    by_age = sorted(ordered, key=lambda message: message.index != own)
    pairs = [(m.index, (m.certificate.verification, m.certificate.encryption)) for m in by_age]
    _check_distinct("key", pairs)
    # A commitment that stands twice would make two salts, or two moments, one (§6.4).
    _check_distinct("salt", [(message.index, message.salts) for message in by_age])
    return ordered


def _check_distinct(kind: str, values: Iterable[tuple[int, Sequence[Element | str]]]) -> None:
    owners: dict[Element | str, int] = {}
    for owner, members in values:
        for member in members:
            if member in owners:
                raise FaultyTrustee(owner, f"has a {kind} of trustee {owners[member]}")
            owners[member] = owner


def _check_pinned(state: TrusteeState, messages: Sequence[Step1]) -> None:
    for answered in pinned(state):
        if messages[answered.index - 1] != answered:
            raise FaultyTrustee(
                answered.index,
                "your own step 1 message is not the one this key made"
                if answered.index == state.index
                else "another step 1 message than the one this key has answered",
            )


def _check_step2s(
    messages: Sequence[Step2], step1s: Sequence[Step1]
) -> tuple[list[Step2], list[list[Element]]]:
    ordered = _each_once(messages, len(step1s), "step 2")
    agreed = agreed_digest(step1s)
    return ordered, [_check_step2(message, step1s, agreed) for message in ordered]


def _check_step2(message: Step2, step1s: Sequence[Step1], agreed: str) -> list[Element]:
    def fault(detail: str) -> FaultyTrustee:
        return FaultyTrustee(message.index, detail)

    own = step1s[message.index - 1]
    signer = own.certificate.verification
    if len(message.shares) != len(step1s) - 1:
        raise fault(f"{len(message.shares)} shares, expected {len(step1s) - 1}")
    # The signature first: only then is it this trustee who saw something else.
    statement = sent_statement(message.agreed, message.digest)
    check_message(statement, signer, message.signature, fault("signature of the step 2 message"))
    if message.agreed != agreed:
        raise fault("saw other step 1 messages than these: compare the agreement codes")
    revealed = message.coefexps
    if commitment(own.cert, revealed.message) != own.commitment:
        raise fault("revealed another polynomial than it had committed to")
    check_message(
        revealed.message, signer, revealed.signature, fault("signature of the polynomial")
    )
    try:
        A = coefficients_from_message(revealed.message, "coefexps", own.certificate.threshold)
    except Malformed as error:
        raise fault(str(error)) from None
    bound = transcript_message([step1.cert for step1 in step1s], A)
    check_message(bound, signer, message.transcript, fault("signature of the transcript"))
    return A


def _check_step3(
    message: Step3, message1: Step1, agreed: str, commitments: Sequence[Sequence[Element]]
) -> None:
    def fault(detail: str) -> FaultyTrustee:
        return FaultyTrustee(message.index, detail)

    key = message.key
    if message.agreed != agreed:
        raise fault("step 3 message of another ceremony")
    if key.public_key != product(shamir.committed_value(A, message.index) for A in commitments):
        raise fault("verification key is not the committed one")
    check_key(key.public_key, key.pok, fault("proof of possession of the verification key"))
    if key.signature is None or key.name is not None:
        raise fault("verification key is not signed, or has a name")
    failure = fault("signature of the verification key")
    check_message(key.public_key.hex, message1.certificate.verification, key.signature, failure)


def _check_item(
    item: Pedersen, entries: Sequence[Json], salts: Mapping[bytes, tuple[str, str, str]]
) -> None:
    names = ("commitment", "committed", "shares", "sent")
    step1s, sent = [], []
    for i, entry in enumerate(entries):
        path = f"ceremony, trustee {i + 1}"
        fields = Fields(entry, path, *names)
        committed = fields.read("committed", Proof.from_json)
        hidden = hex_digest(fields["commitment"], path)
        certificate, proof = item.certificates[i], item.certs[i].signature
        own_salts = salts[certificate.verification.raw]
        step1s.append(Step1(certificate, proof, hidden, own_salts, committed))
        digest = hex_digest(fields["shares"], path)
        sent.append((digest, fields.read("sent", Proof.from_json)))
    # 1. Every commitment is signed, and is to the polynomial that was revealed later.
    for i, message in enumerate(step1s):
        if message.commitment != commitment(message.cert, item.coefexps[i].message):
            raise BadTrustees(f"ceremony, trustee {i + 1}: did not commit to its polynomial")
        failure = BadTrustees(f"ceremony, trustee {i + 1}: signature of the commitment")
        check_message(
            message.statement,
            message.certificate.verification,
            message.signature,
            failure,
        )
    # 2. Each trustee had all of them when it revealed.
    agreed = agreed_digest(step1s)
    for i, (digest, signature) in enumerate(sent):
        failure = BadTrustees(f"ceremony, trustee {i + 1}: revealed with other commitments")
        signer = item.signing_keys[i]
        check_message(sent_statement(agreed, digest), signer, signature, failure)
