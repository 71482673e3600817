"""Every way the protocol says no.

    ProtocolError
    ├─ Malformed              bytes do not decode; nobody is accused
    ├─ Rejected               decoded, but a check fails
    │  ├─ BadArchive          the .bel container, its names, its chain of events
    │  ├─ BadDefinition       election.json contradicts itself or its side files
    │  ├─ BadTrustees         trustees.json, or the public transcript of the ceremony
    │  ├─ BadCredentials      the list of registered credentials
    │  ├─ BadToken            a blind signature does not belong to its credential
    │  ├─ BadBallot           a ballot is not for this session, or not one of its own kind
    │  │  ├─ UnknownCredential   its credential was never registered
    │  │  ├─ SecondBallot        its credential has voted already
    │  │  ├─ RepeatedCiphertext  a ciphertext stands elsewhere in the session
    │  │  ├─ BadSignature        the credential did not sign it
    │  │  └─ BadProof            a level is not 0 or 1, or a line has more than one
    │  ├─ BadTally            the encrypted tally is not the product of the ballots
    │  ├─ BadShare            a decryption share and its proof disagree
    │  ├─ BadResult           the published totals are not what the shares open
    │  ├─ BadCheckpoint       a signed note is missing, unsigned or contradicts the record
    │  ├─ BadCounts           roster ≥ present ≥ issued ≥ registered ≥ cast does not hold
    │  ├─ TooFewBallots       fewer ballots than the session allows to be opened
    │  └─ BadRecord           the bundle around the archive, its manifest or results
    ├─ BackendsDisagree       the two libraries that compute here say different things
    ├─ Incomplete             nothing is wrong, but something is not there yet
    ├─ Refused                the rules of the session say no
    │  ├─ WrongState          the session is not in the state this step needs
    │  │  ├─ RegistrationEnded   no token and no credential after the opening
    │  │  ├─ NotOpen             no ballot before the opening
    │  │  └─ Closed              no ballot after the close
    │  ├─ NotSigned           a definition that not every trustee has signed
    │  ├─ UnknownSession      no session has this uuid here
    │  ├─ BadCode             a code that is wrong, used up, expired or revoked
    │  ├─ TokenAlreadyIssued  this person has a token for another credential
    │  ├─ RecoveryTaken       something else was left for this person's other device
    │  ├─ WrongPassphrase     a key file does not open
    │  └─ AlreadyDecrypted    this key has opened another tally of the session
    └─ FaultyTrustee          a named trustee broke the protocol

What only one part of the product refuses has its error there, such as `storage/errors.py`.

Each leaf has a stable ``code``: the audit report, the HTTP problem documents and the
catalogues of words for people all use it. ``str(error)`` is the English detail and names
the file, row, field or party; it never contains a secret.
"""

from typing import ClassVar


class ProtocolError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "protocol_error"


class Malformed(ProtocolError):
    """Bytes do not decode. The detail starts with the path of the field."""

    code = "malformed"


class Rejected(ProtocolError):
    """Decoded, but a check fails."""

    code = "rejected"


class BadArchive(Rejected):
    """The container, the names of its entries, or its chain of events."""

    code = "bad_archive"


class BadDefinition(Rejected):
    """election.json contradicts itself or a file whose hash it holds."""

    code = "bad_definition"


class BadTrustees(Rejected):
    """trustees.json, or the public transcript of the ceremony, fails a check."""

    code = "bad_trustees"


class BadCredentials(Rejected):
    """The list of registered credentials is unsorted, repeated or invalid."""

    code = "bad_credentials"


class BadToken(Rejected):
    """A blind signature is not valid, or not for this credential and session."""

    code = "bad_token"


class BadBallot(Rejected):
    """A ballot that decodes but does not belong to this session."""

    code = "bad_ballot"


class UnknownCredential(BadBallot):
    """The ballot's credential was never registered."""

    code = "unknown_credential"


class SecondBallot(BadBallot):
    """The ballot's credential has voted already."""

    code = "second_ballot"


class RepeatedCiphertext(BadBallot):
    """A ciphertext of the ballot stands elsewhere in the session."""

    code = "repeated_ciphertext"


class BadSignature(BadBallot):
    """The ballot is not signed by its credential."""

    code = "bad_signature"


class BadProof(BadBallot):
    """A proof that a choice is 0 or 1, or that a line has at most one, fails."""

    code = "bad_proof"


class BadTally(Rejected):
    """The encrypted tally is not the product of the ballots."""

    code = "bad_tally"


class BadShare(Rejected):
    """A decryption share does not match its proof or its trustee."""

    code = "bad_share"


class BadResult(Rejected):
    """The published totals are not what the shares open."""

    code = "bad_result"


class BadCheckpoint(Rejected):
    """A signed note is missing, unsigned, or contradicts the record."""

    code = "bad_checkpoint"


class BadCounts(Rejected):
    """roster ≥ present ≥ issued ≥ registered ≥ cast = tallied does not hold."""

    code = "bad_counts"


class TooFewBallots(Rejected):
    """Fewer ballots than the session allows to be opened."""

    code = "too_few_ballots"


class BadRecord(Rejected):
    """The bundle around the archive: its zip, its manifest, its results."""

    code = "bad_record"


class BackendsDisagree(ProtocolError):
    """Kernel and libsodium judge the same bytes differently: nobody is accused."""

    code = "backends_disagree"


class Incomplete(ProtocolError):
    """Nothing is wrong, but a part is not there yet."""

    code = "incomplete"


class Refused(ProtocolError):
    """The rules of the session say no."""

    code = "refused"


class WrongState(Refused):
    """The session is not in the state this step needs."""

    code = "wrong_state"


class RegistrationEnded(WrongState):
    """Voting has been opened: no more tokens and credentials."""

    code = "registration_ended"


class NotOpen(WrongState):
    """Voting has not been opened yet."""

    code = "not_open"


class Closed(WrongState):
    """Voting has been closed."""

    code = "closed"


class NotSigned(Refused):
    """Not every trustee has signed the definition; the detail names who is missing."""

    code = "not_signed"


class UnknownSession(Refused):
    """No session has this uuid here."""

    code = "unknown_session"


class BadCode(Refused):
    """A code is wrong, used up, expired or revoked; which of these is not told."""

    code = "bad_code"


class TokenAlreadyIssued(Refused):
    """This person already has a token, for another credential."""

    code = "token_already_issued"


class RecoveryTaken(Refused):
    """Something else was left for another device of this person."""

    code = "recovery_taken"


class WrongPassphrase(Refused):
    """A key file does not open with this passphrase, or was altered."""

    code = "wrong_passphrase"


class AlreadyDecrypted(Refused):
    """This key has already opened another tally of the same session."""

    code = "already_decrypted"


class AlreadySigned(Refused):
    """This key has already signed another definition, opening or closing of the session."""

    code = "already_signed"


class FaultyTrustee(ProtocolError):
    """The trustee with this index broke the protocol; the others should start again.

    Args:
        index: the trustee's number, from 1.
        detail: which check failed, in English.
    """

    code = "faulty_trustee"

    def __init__(self, index: int, detail: str) -> None:
        super().__init__(f"trustee {index}: {detail}")
        self.index = index
        self._detail = detail

    def __reduce__(self) -> tuple[type["FaultyTrustee"], tuple[int, str]]:
        """Worker processes send errors back; the default would lose the index."""
        return FaultyTrustee, (self.index, self._detail)
