"""trustees.json: who holds the key, and the public proof that they hold it properly.

An array of items (Belenios v1; docs/protocol.md §5.1): `Single`, one key, or `Pedersen`, n keys
of which any `threshold` open the totals. The election's key is the product of the items' keys.
Owners are numbered from 1 through the flattened array. How the structure comes about is in
crypto/ceremony.py; this file is what everyone else can check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crypto import shamir
from crypto.encoding import (
    Fields,
    Json,
    array,
    canonical,
    integer,
    members,
    parse,
    sha256,
    string,
    text,
)
from crypto.errors import BadTrustees, Malformed
from crypto.group import IDENTITY, Element, element, product
from crypto.sigma import Proof, check_key, check_message

MAX_TRUSTEES = 32  # a committee that fits round one table
LIMIT = 1 << 20  # bytes of a trustees.json; 32 trustees need about 150 kB


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A string and its Schnorr signature."""

    message: str
    signature: Proof

    def to_json(self) -> dict[str, Json]:
        return {"message": self.message, "signature": self.signature.to_json()}

    @classmethod
    def from_json(cls, value: Json, path: str) -> "SignedMessage":
        fields = Fields(value, path, "message", "signature")
        if not isinstance(fields["message"], str):
            raise Malformed(f"{path}.message: a string is expected")
        return cls(fields["message"], fields.read("signature", Proof.from_json))


@dataclass(frozen=True, slots=True)
class TrusteeKey:
    """A public key, its proof of possession, and in a threshold its owner's signature."""

    pok: Proof
    public_key: Element
    signature: Proof | None = None
    name: str | None = None

    def to_json(self) -> dict[str, Json]:
        result: dict[str, Json] = {"pok": self.pok.to_json(), "public_key": self.public_key.hex}
        if self.signature is not None:
            result["signature"] = self.signature.to_json()
        if self.name is not None:
            result["name"] = self.name
        return result

    @classmethod
    def from_json(cls, value: Json, path: str) -> "TrusteeKey":
        optional = ("signature", "name")
        fields = Fields(value, path, "pok", "public_key", *optional, optional=optional)
        return cls(
            pok=fields.read("pok", Proof.from_json),
            public_key=fields.read("public_key", element),
            signature=fields.read_or(None, "signature", Proof.from_json),
            name=fields.read_or(None, "name", text),
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a trustee's first message says: the two keys, and in which ceremony."""

    size: int
    threshold: int
    index: int
    verification: Element
    encryption: Element

    @property
    def message(self) -> str:
        context = {
            "group": "Ed25519",
            "size": self.size,
            "threshold": self.threshold,
            "index": self.index,
        }
        keys = {"verification": self.verification.hex, "encryption": self.encryption.hex}
        return canonical({"context": context, **keys}).decode()

    @classmethod
    def from_message(cls, message: str, path: str) -> "Certificate":
        value = parse(message.encode(), path, limit=1024)
        keys = Fields(value, path, "context", "verification", "encryption")
        context = keys.inside("context", "group", "size", "threshold", "index")
        context.read("group", string, "Ed25519")
        size = context.read("size", integer, low=1, high=MAX_TRUSTEES)
        return cls(
            size=size,
            threshold=context.read("threshold", integer, low=1, high=size),
            index=context.read("index", integer, low=1, high=size),
            verification=keys.read("verification", element),
            encryption=keys.read("encryption", element),
        )


def coefficients_message(commitments: Sequence[Element]) -> str:
    """The string that a trustee signs over the commitments to the polynomial."""
    return canonical({"coefexps": [A.hex for A in commitments]}).decode()


def coefficients_from_message(message: str, path: str, threshold: int) -> list[Element]:
    """The `threshold` commitments inside such a string."""
    fields = Fields(parse(message.encode(), path, limit=8192), path, "coefexps")
    return list(fields.each("coefexps", element, low=threshold, high=threshold))


def transcript_message(certs: Sequence[SignedMessage], commitments: Sequence[Element]) -> str:
    """The string that binds one trustee's polynomial to all certificates."""
    transcript = {
        "certs": [cert.to_json() for cert in certs],
        "coefexps": [A.hex for A in commitments],
    }
    return "certs_sig|" + canonical(transcript).decode()


@dataclass(frozen=True)
class Single:
    """One trustee alone holds the key of this item."""

    key: TrusteeKey

    @property
    def threshold(self) -> int:
        return 1

    @property
    def keys(self) -> tuple[TrusteeKey, ...]:
        return (self.key,)

    @property
    def public_key(self) -> Element:
        return self.key.public_key

    @property
    def verification_keys(self) -> list[Element]:
        return [self.key.public_key]

    @property
    def signing_keys(self) -> list[Element]:
        return [self.key.public_key]

    def to_json(self) -> Json:
        return ["Single", self.key.to_json()]

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Single":
        key = TrusteeKey.from_json(value, path)
        if key.signature is not None:  # nothing says what it would sign
            raise Malformed(f"{path}.signature: only a trustee of a threshold signs its key")
        return cls(key)

    def check(self, path: str) -> None:
        check_key(self.key.public_key, self.key.pok, BadTrustees(f"{path}: proof of possession"))


@dataclass(frozen=True)
class Pedersen:
    """Any `threshold` of the trustees of this item can use its key."""

    threshold: int
    certs: tuple[SignedMessage, ...]
    coefexps: tuple[SignedMessage, ...]
    signatures: tuple[Proof, ...]
    keys: tuple[TrusteeKey, ...]

    @cached_property
    def certificates(self) -> list[Certificate]:
        return [
            Certificate.from_message(cert.message, f"certs[{i}].message")
            for i, cert in enumerate(self.certs)
        ]

    @cached_property
    def commitments(self) -> list[list[Element]]:
        return [
            coefficients_from_message(signed.message, f"coefexps[{i}].message", self.threshold)
            for i, signed in enumerate(self.coefexps)
        ]

    @property
    def public_key(self) -> Element:
        return product(A[0] for A in self.commitments)

    @property
    def verification_keys(self) -> list[Element]:
        return [key.public_key for key in self.keys]

    @property
    def signing_keys(self) -> list[Element]:
        return [certificate.verification for certificate in self.certificates]

    def to_json(self) -> Json:
        body = {
            "threshold": self.threshold,
            "certs": [cert.to_json() for cert in self.certs],
            "coefexps": [signed.to_json() for signed in self.coefexps],
            "signatures": [signature.to_json() for signature in self.signatures],
            "verification_keys": [key.to_json() for key in self.keys],
        }
        return ["Pedersen", body]

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Pedersen":
        names = ("threshold", "certs", "coefexps", "signatures", "verification_keys")
        fields = Fields(value, path, *names)
        n = len(fields.read("certs", array, low=1, high=MAX_TRUSTEES))
        return cls(
            threshold=fields.read("threshold", integer, low=1, high=n),
            certs=fields.each("certs", SignedMessage.from_json, low=n, high=n),
            coefexps=fields.each("coefexps", SignedMessage.from_json, low=n, high=n),
            signatures=fields.each("signatures", Proof.from_json, low=n, high=n),
            keys=fields.each("verification_keys", TrusteeKey.from_json, low=n, high=n),
        )

    def check(self, path: str) -> None:
        """Everything that anyone can check about the ceremony (Belenios v1, threshold)."""
        size = len(self.certs)
        if len(set(self.signing_keys)) != size:
            raise BadTrustees(f"{path}: two trustees have the same certificate key")
        for i, certificate in enumerate(self.certificates):
            where = f"{path}, trustee {i + 1}"
            context = (certificate.size, certificate.threshold, certificate.index)
            if context != (size, self.threshold, i + 1):
                raise BadTrustees(f"{where}: certificate made for another ceremony")
            self._check_trustee(i, certificate.verification, where)
        if self.public_key == IDENTITY:
            raise BadTrustees(f"{path}: the key is the identity")

    def _check_trustee(self, i: int, signer: Element, where: str) -> None:
        """docs/protocol.md §5.1, items 1 to 4 of a Pedersen, for the trustee in position i."""
        cert, coefexps = self.certs[i], self.coefexps[i]
        # 1 and 2. The certificate and the polynomial are signed by the certificate's own key.
        check_message(cert.message, signer, cert.signature, BadTrustees(f"{where}: certificate"))
        check_message(
            coefexps.message, signer, coefexps.signature, BadTrustees(f"{where}: coefexps")
        )
        # 3. This polynomial was revealed to just these trustees.
        transcript = transcript_message(self.certs, self.commitments[i])
        check_message(transcript, signer, self.signatures[i], BadTrustees(f"{where}: transcript"))
        # 4. The key of his shares is what the polynomials say, he holds it, and owns up to it.
        key = self.keys[i]
        if key.public_key != self.verification_key(i + 1):
            raise BadTrustees(f"{where}: verification key is not the committed one")
        check_key(key.public_key, key.pok, BadTrustees(f"{where}: proof of possession"))
        if key.signature is None:
            raise BadTrustees(f"{where}: verification key is not signed")
        failure = BadTrustees(f"{where}: signature of the verification key")
        check_message(key.public_key.hex, signer, key.signature, failure)

    def verification_key(self, index: int) -> Element:
        """g^(S_index) = Π_i g^(f_i(index)), from the commitments."""
        return product(shamir.committed_value(A, index) for A in self.commitments)


@dataclass(frozen=True)
class Trustees:
    """A decoded trustees.json. `check` before use."""

    items: tuple[Single | Pedersen, ...]

    @classmethod
    def decode(cls, raw: bytes) -> "Trustees":
        """Raises Malformed naming the field."""
        value = parse(raw, "trustees", limit=LIMIT)
        trustees = cls(members(value, "trustees", _item, low=1, high=MAX_TRUSTEES))
        if len(trustees.verification_keys) > MAX_TRUSTEES:
            raise Malformed(f"trustees: more than {MAX_TRUSTEES} trustees")
        return trustees

    def encode(self) -> bytes:
        return canonical([item.to_json() for item in self.items])

    @property
    def digest(self) -> str:
        """SHA-256 of trustees.json, in hex."""
        return sha256(self.encode())

    def check(self) -> None:
        """Raises BadTrustees naming the item and trustee whose part fails."""
        for i, item in enumerate(self.items):
            try:
                item.check(f"trustees[{i}]")
            except Malformed as error:
                raise BadTrustees(f"trustees[{i}]: {error}") from None
        # A copied item would let the one who made it open the totals without the other.
        if len(set(self.signing_keys)) != len(self.signing_keys):
            raise BadTrustees("trustees: two of them have the same key")
        if self.public_key == IDENTITY:
            raise BadTrustees("the election's key is the identity")

    @cached_property
    def public_key(self) -> Element:
        """y, the key of the election."""
        return product(item.public_key for item in self.items)

    @cached_property
    def verification_keys(self) -> list[Element]:
        """The key of each owner's shares; owner k at position k − 1."""
        return [key for item in self.items for key in item.verification_keys]

    @cached_property
    def signing_keys(self) -> list[Element]:
        """The key with which each owner signs, in the same order."""
        return [key for item in self.items for key in item.signing_keys]

    @property
    def named(self) -> bool:
        """Whether a key has a name, which only stock elections know (§5.1)."""
        return any(key.name is not None for item in self.items for key in item.keys)

    @property
    def needed(self) -> int:
        """How many shares open the totals."""
        return sum(item.threshold for item in self.items)


def _item(value: Json, path: str) -> Single | Pedersen:
    kind, body = array(value, path, low=2, high=2)
    if kind == "Single":
        return Single.from_json(body, f"{path}[1]")
    if kind == "Pedersen":
        return Pedersen.from_json(body, f"{path}[1]")
    raise Malformed(f'{path}[0]: "Single" or "Pedersen" is expected')
