"""crypto/blind.py against RFC 9474, RFC 9578, Wycheproof, and its own promises."""

import dataclasses
import hashlib
from math import gcd, lcm
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import blind
from crypto.blind import Blinded, IssuerKey, IssuerSecret, Variant
from crypto.errors import BadToken, Malformed
from tests.crypto import figures

FIGURES = figures.load("rfc9474.json")
VARIANTS = {
    variant.name: variant
    for variant in (
        blind.PSS_RANDOMIZED,
        blind.PSSZERO_RANDOMIZED,
        blind.PSS_DETERMINISTIC,
        blind.PSSZERO_DETERMINISTIC,
    )
}
FAILURE = BadToken("the signature")
SPKI_DER = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS8_DER = (Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def secret() -> IssuerSecret:
    return IssuerSecret.generate()


@pytest.fixture(scope="module")
def key(secret: IssuerSecret) -> IssuerKey:
    return secret.public


def backend(secret: IssuerSecret) -> rsa.RSAPrivateKey:
    """The same key in the hands of `cryptography`."""
    loaded = serialization.load_der_private_key(secret.to_pkcs8(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded


# --- RFC 9474, Appendix A -----------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Figures:
    """One test of the appendix, decoded."""

    variant: Variant
    secret: IssuerSecret
    input_msg: bytes
    salt: bytes
    r: int
    made: Blinded
    blind_sig: bytes
    sig: bytes

    @property
    def key(self) -> IssuerKey:
        return self.secret.public


@pytest.fixture(scope="module", params=FIGURES["tests"], ids=lambda test: test["name"])
def rfc(request: pytest.FixtureRequest) -> Figures:
    test: dict[str, str] = request.param
    p, q, e, n = (int(FIGURES["key"][name], 16) for name in "pqen")
    inv = int(test["inv"], 16)
    return Figures(
        VARIANTS[test["name"]],
        IssuerSecret._from_primes(p, q, e),
        bytes.fromhex(test["input_msg"]),
        bytes.fromhex(test["salt"]),
        pow(inv, -1, n),
        Blinded(bytes.fromhex(test["blinded_msg"]), inv),
        bytes.fromhex(test["blind_sig"]),
        bytes.fromhex(test["sig"]),
    )


def test_figures_are_one_key() -> None:
    """The key of the appendix is consistent: n = p·q, and d inverts e."""
    p, q, n, e, d = (int(FIGURES["key"][name], 16) for name in "pqned")
    assert p * q == n
    assert e * d % lcm(p - 1, q - 1) == 1


@pytest.mark.parametrize("test", FIGURES["tests"], ids=lambda test: test["name"])
def test_input_message_is_prefix_and_message(test: dict[str, str]) -> None:
    """What is signed is the prefix of a randomized variant, then the message."""
    assert test["input_msg"] == test["msg_prefix"] + test["msg"]
    assert bool(test["msg_prefix"]) == VARIANTS[test["name"]].randomized


@pytest.mark.parametrize(
    "test",
    [test for test in FIGURES["tests"] if "encoded_msg" in test],
    ids=lambda test: test["name"],
)
def test_encoding_uses_one_bit_less_than_the_modulus(test: dict[str, str]) -> None:
    """The RFC's encoded messages come out with emBits = bit_len(n) − 1."""
    bits = int(FIGURES["key"]["n"], 16).bit_length() - 1
    message, salt = bytes.fromhex(test["input_msg"]), bytes.fromhex(test["salt"])
    assert blind._emsa_pss_encode(message, bits, salt).hex() == test["encoded_msg"]


def test_blind(rfc: Figures) -> None:
    """Blind gives the RFC's blinded message and inverse from its salt and r."""
    assert blind._blind(rfc.key, rfc.input_msg, rfc.salt, rfc.r) == rfc.made


def test_blind_sign(rfc: Figures) -> None:
    """BlindSign gives the RFC's blind signature."""
    assert blind.blind_sign(rfc.secret, rfc.made.blinded_message) == rfc.blind_sig


def test_finalize(rfc: Figures) -> None:
    """Finalize gives the RFC's signature."""
    made = blind.finalize(rfc.key, rfc.input_msg, rfc.blind_sig, rfc.made, rfc.variant)
    assert made == rfc.sig


def test_verify(rfc: Figures) -> None:
    """The RFC's signature verifies."""
    blind.verify(rfc.key, rfc.input_msg, rfc.sig, FAILURE, rfc.variant)


def test_salt_length_is_exact(rfc: Figures) -> None:
    """A signature of a variant with another salt length is refused."""
    other = dataclasses.replace(rfc.variant, salt_length=48 - rfc.variant.salt_length)
    with pytest.raises(BadToken):
        blind.verify(rfc.key, rfc.input_msg, rfc.sig, FAILURE, other)


def test_prepare_randomizes() -> None:
    """A randomized variant puts 32 fresh random bytes before the message."""
    first, second = (blind.prepare(b"message", blind.PSS_RANDOMIZED) for _ in range(2))
    assert first[32:] == second[32:] == b"message"
    assert first[:32] != second[:32]


def test_prepare_of_the_product_changes_nothing() -> None:
    """The variant that the product uses signs the message itself."""
    assert blind.prepare(b"message") == b"message"


# --- Other people's vectors ---------------------------------------------------------------


@pytest.mark.parametrize("maker", ["go", "rust"])
def test_rfc9578_tokens(third_party_vectors: Path, maker: str) -> None:
    """Requests, responses and tokens of two Privacy Pass implementations come out the same."""
    name = f"rfc9578/pub_verif_rfc9578.{maker}.json"
    tests = figures.third_party(third_party_vectors, name)
    assert len(tests) == 5
    for test in tests:
        values = {name: bytes.fromhex(value) for name, value in test.items()}
        loaded = serialization.load_pem_private_key(values["skS"], None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        numbers = loaded.private_numbers()
        private = IssuerSecret._from_primes(numbers.p, numbers.q, numbers.public_numbers.e)
        token_input, authenticator = values["token"][:98], values["token"][98:]
        r = int.from_bytes(values["blind"], "big")

        made = blind._blind(private.public, token_input, values["salt"], r)
        response = blind.blind_sign(private, made.blinded_message)

        assert made.blinded_message == values["token_request"][3:]
        assert response == values["token_response"]
        assert blind.finalize(private.public, token_input, response, made) == authenticator


def accepted(key: IssuerKey, test: dict[str, str]) -> bool:
    message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
    try:
        blind.verify(key, message, signature, FAILURE)
    except BadToken:
        return False
    return True


@pytest.mark.parametrize("bits", [2048, 4096])
def test_wycheproof_pss(third_party_vectors: Path, bits: int) -> None:
    """Every Wycheproof signature with our parameters is judged as Wycheproof judges it."""
    name = f"wycheproof/rsa_pss_{bits}_sha384_mgf1_48_test.json"
    for group in figures.third_party(third_party_vectors, name)["testGroups"]:
        numbers = group["publicKey"]
        key = IssuerKey(int(numbers["modulus"], 16), int(numbers["publicExponent"], 16))
        judged = {test["tcId"]: accepted(key, test) for test in group["tests"]}
        assert judged == {test["tcId"]: test["result"] == "valid" for test in group["tests"]}


def _is_ours(group: dict[str, Any]) -> bool:
    return (group["sha"], group["mgfSha"], group["sLen"]) == ("SHA-384", "SHA-384", 48)


def test_wycheproof_other_parameters(third_party_vectors: Path) -> None:
    """A good PSS signature with another hash, mask or salt length is refused."""
    name = "wycheproof/rsa_pss_misc_params_test.json"
    groups = [
        group
        for group in figures.third_party(third_party_vectors, name)["testGroups"]
        if not _is_ours(group)
    ]
    assert len(groups) > 10
    for group in groups:
        numbers = group["publicKey"]
        key = IssuerKey(int(numbers["modulus"], 16), int(numbers["publicExponent"], 16))
        assert not any(accepted(key, test) for test in group["tests"])


# --- The whole exchange -------------------------------------------------------------------


@settings(max_examples=25)
@given(message=st.binary(max_size=200))
def test_round_trip(secret: IssuerSecret, message: bytes) -> None:
    """Any message can be signed blindly, and the signature verifies."""
    made = blind.blind(secret.public, message)
    answer = blind.blind_sign(secret, made.blinded_message)
    token = blind.finalize(secret.public, message, answer, made)
    blind.verify(secret.public, message, token, FAILURE)


def test_signature_is_a_standard_one(secret: IssuerSecret, key: IssuerKey) -> None:
    """A stock RSASSA-PSS verifier accepts what finalize returns."""
    made = blind.blind(key, b"message")
    token = blind.finalize(key, b"message", blind.blind_sign(secret, made.blinded_message), made)
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    backend(secret).public_key().verify(token, b"message", pss, hashes.SHA384())


def test_blinding_is_fresh(key: IssuerKey) -> None:
    """Two requests for one message have nothing in common."""
    first, second = (blind.blind(key, b"message") for _ in range(2))
    assert first.blinded_message != second.blinded_message
    assert first.inverse != second.inverse


@settings(max_examples=25)
@given(data=st.data())
def test_private_operation(secret: IssuerSecret, data: st.DataObject) -> None:
    """The blinded CRT computation is m^d mod n for every m, also 0, 1, n − 1 and multiples of p."""
    n = secret.public.n
    edge = st.sampled_from([0, 1, 2, n - 1, secret.p, n - secret.q])
    m = data.draw(edge | st.integers(0, n - 1))
    d = pow(secret.public.e, -1, (secret.p - 1) * (secret.q - 1))
    assert blind._rsasp1(secret, m) == pow(m, d, n)


# --- Blinding from a seed -----------------------------------------------------------------


def seeded(key: IssuerKey, seed: bytes) -> tuple[bytes, bytes]:
    stream = hashlib.shake_256(seed).digest(48 + key.blinding_len)
    return stream[:48], stream[48:]


def test_blind_from_repeats(key: IssuerKey) -> None:
    """The same salt and blinding give the same request again."""
    salt, blinding = seeded(key, b"seed")
    first = blind.blind_from(key, b"message", salt, blinding)
    assert blind.blind_from(key, b"message", salt, blinding) == first


def test_blind_from_gives_a_token(secret: IssuerSecret, key: IssuerKey) -> None:
    """A derived request is answered and finalized like any other."""
    made = blind.blind_from(key, b"message", *seeded(key, b"seed"))
    blind.finalize(key, b"message", blind.blind_sign(secret, made.blinded_message), made)


def test_blind_from_reduces_big_endian(key: IssuerKey) -> None:
    """r is the blinding as a big-endian integer mod n, so that other programs derive the same."""
    salt, blinding = seeded(key, b"seed")
    r = int(blinding.hex(), 16) % key.n
    assert blind.blind_from(key, b"m", salt, blinding) == blind._blind(key, b"m", salt, r)


@pytest.mark.parametrize("salt_length", [0, 32, 47, 49])
def test_blind_from_wants_48_bytes_of_salt(key: IssuerKey, salt_length: int) -> None:
    """A salt of another length is refused."""
    with pytest.raises(Malformed, match="salt"):
        blind.blind_from(key, b"m", bytes(salt_length), bytes([1] * key.blinding_len))


@pytest.mark.parametrize("excess", [-16, -1, 1])
def test_blind_from_wants_wide_blinding(key: IssuerKey, excess: int) -> None:
    """A blinding that is not 16 bytes longer than the modulus is refused."""
    with pytest.raises(Malformed, match="blinding"):
        blind.blind_from(key, b"m", bytes(48), bytes([1] * (key.blinding_len + excess)))


@pytest.mark.parametrize("factor", ["n", "p", "q"])
def test_blinding_without_inverse(secret: IssuerSecret, factor: str) -> None:
    """A blinding that shares a factor with the modulus is refused."""
    r = {"n": secret.public.n, "p": secret.p, "q": 3 * secret.q}[factor]
    blinding = r.to_bytes(secret.public.blinding_len, "big")
    with pytest.raises(Malformed, match="blinding error"):
        blind.blind_from(secret.public, b"m", bytes(48), blinding)


def test_message_that_shares_a_factor_with_the_modulus(key: IssuerKey) -> None:
    """An encoded message that is not coprime to n is the RFC's "invalid input"."""
    salt = next(
        salt
        for salt in (i.to_bytes(48, "big") for i in range(100))
        if int.from_bytes(blind._emsa_pss_encode(b"m", 3071, salt), "big") % 3 == 0
    )
    divisible = IssuerKey(next(n for n in range(key.n, key.n + 6, 2) if n % 3 == 0))
    r = next(r for r in range(2, 100) if gcd(r, divisible.n) == 1)
    with pytest.raises(Malformed, match="invalid input"):
        blind._blind(divisible, b"m", salt, r)


def test_modulus_too_short_for_the_encoding() -> None:
    """A modulus without room for hash and salt is refused."""
    with pytest.raises(Malformed, match="too short"):
        blind.blind(IssuerKey(2**512 + 1), b"m")


# --- What the registrar refuses -----------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 383, 385])
def test_blind_sign_wants_the_length_of_the_modulus(secret: IssuerSecret, length: int) -> None:
    """A blinded message of another length is not signed."""
    with pytest.raises(Malformed, match="blinded message"):
        blind.blind_sign(secret, bytes(length))


@pytest.mark.parametrize("excess", [0, 1])
def test_blind_sign_wants_a_number_below_n(secret: IssuerSecret, excess: int) -> None:
    """n and more are not signed."""
    with pytest.raises(Malformed, match="not below the modulus"):
        blind.blind_sign(secret, (secret.public.n + excess).to_bytes(384, "big"))


@pytest.mark.parametrize("field", ["dp", "dq", "q_inverse", "p"])
def test_miscalculation_is_never_sent(secret: IssuerSecret, field: str) -> None:
    """If any part of the computation goes wrong, no signature leaves the function."""
    broken = dataclasses.replace(secret, **{field: getattr(secret, field) + 2})
    with pytest.raises(ArithmeticError):
        blind.blind_sign(broken, bytes(383) + b"\x05")


# --- What the client refuses --------------------------------------------------------------


@pytest.fixture(scope="module")
def exchange(secret: IssuerSecret) -> tuple[Blinded, bytes]:
    made = blind.blind(secret.public, b"message")
    return made, blind.blind_sign(secret, made.blinded_message)


@pytest.mark.parametrize("position", [0, 1, 200, 383])
def test_altered_answer(key: IssuerKey, exchange: tuple[Blinded, bytes], position: int) -> None:
    """An answer with one flipped bit gives no token."""
    made, answer = exchange
    altered = bytearray(answer)
    altered[position] ^= 1
    with pytest.raises(BadToken, match="registrar"):
        blind.finalize(key, b"message", bytes(altered), made)


@pytest.mark.parametrize("answer", [b"", bytes(383), bytes(385)])
def test_answer_of_another_length(
    key: IssuerKey, exchange: tuple[Blinded, bytes], answer: bytes
) -> None:
    """An answer of another length does not decode."""
    with pytest.raises(Malformed, match="blind signature"):
        blind.finalize(key, b"message", answer, exchange[0])


def test_answer_not_below_the_modulus(key: IssuerKey, exchange: tuple[Blinded, bytes]) -> None:
    """An answer has one spelling: adding n is refused even where it fits."""
    with pytest.raises(Malformed, match="not below"):
        blind.finalize(key, b"message", key.n.to_bytes(384, "big"), exchange[0])


def test_answer_to_another_message(key: IssuerKey, exchange: tuple[Blinded, bytes]) -> None:
    """The answer to one message gives no token for another."""
    made, answer = exchange
    with pytest.raises(BadToken):
        blind.finalize(key, b"another", answer, made)


def test_answer_to_another_request(key: IssuerKey, exchange: tuple[Blinded, bytes]) -> None:
    """The answer to one request cannot be unblinded by another."""
    with pytest.raises(BadToken):
        blind.finalize(key, b"message", exchange[1], blind.blind(key, b"message"))


def test_answer_of_another_registrar(key: IssuerKey, exchange: tuple[Blinded, bytes]) -> None:
    """A token is worth nothing under another session's key."""
    made, answer = exchange
    token = blind.finalize(key, b"message", answer, made)
    with pytest.raises(BadToken):
        blind.verify(IssuerSecret.generate().public, b"message", token, FAILURE)


# --- What everyone refuses ----------------------------------------------------------------


def test_failure_is_the_one_named(key: IssuerKey) -> None:
    """verify raises the very error that its caller names."""
    with pytest.raises(BadToken) as caught:
        blind.verify(key, b"message", bytes(384), FAILURE)
    assert caught.value is FAILURE


@pytest.mark.parametrize("salt_length", [0, 32, 47, 49, 64])
def test_other_salt_lengths(secret: IssuerSecret, salt_length: int) -> None:
    """The key's own PSS signature with another salt length is not a token."""
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), salt_length)
    signature = backend(secret).sign(b"message", pss, hashes.SHA384())
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", signature, FAILURE)


def test_other_hash(secret: IssuerSecret) -> None:
    """The key's own PSS signature with SHA-256 is not a token."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 48)
    signature = backend(secret).sign(b"message", pss, hashes.SHA256())
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", signature, FAILURE)


def test_other_padding(secret: IssuerSecret) -> None:
    """The key's own PKCS #1 v1.5 signature is not a token."""
    signature = backend(secret).sign(b"message", padding.PKCS1v15(), hashes.SHA384())
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", signature, FAILURE)


def signature_below(secret: IssuerSecret, bound: int) -> int:
    """A valid signature of b"message" that is below `bound`, as a number."""
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    private = backend(secret)
    while True:
        number = int.from_bytes(private.sign(b"message", pss, hashes.SHA384()), "big")
        if number < bound:
            return number


def test_signature_plus_modulus() -> None:
    """s + n is the same number mod n, but another spelling: refused."""
    secret = IssuerSecret.generate()
    while secret.public.n > 15 * 2**3068:  # else hardly any s + n fits
        secret = IssuerSecret.generate()
    n = secret.public.n
    second = signature_below(secret, 2**3072 - n) + n
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", second.to_bytes(384, "big"), FAILURE)


def test_signature_with_leading_zero(secret: IssuerSecret) -> None:
    """A leading zero byte is another spelling: refused."""
    signature = signature_below(secret, secret.public.n).to_bytes(385, "big")
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", signature, FAILURE)


def test_signature_without_its_leading_zero(secret: IssuerSecret) -> None:
    """A signature whose leading zero byte was dropped is another spelling: refused."""
    signature = signature_below(secret, 2**3064).to_bytes(383, "big")
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", signature, FAILURE)


# --- Keys ---------------------------------------------------------------------------------


def test_public_key_round_trip(key: IssuerKey) -> None:
    """A key decodes from the SPKI it writes."""
    assert IssuerKey.from_spki(key.spki) == key


def test_secret_key_round_trip(secret: IssuerSecret) -> None:
    """A secret decodes from the PKCS #8 it writes, and both sign alike."""
    again = IssuerSecret.from_pkcs8(secret.to_pkcs8())
    message = bytes(383) + b"\x02"
    assert again.public == secret.public
    assert blind.blind_sign(again, message) == blind.blind_sign(secret, message)


def test_generated_keys_differ(key: IssuerKey) -> None:
    """Each session gets a key of its own."""
    assert IssuerSecret.generate().public != key


@pytest.fixture(scope="module")
def others() -> dict[str, bytes]:
    """Public keys that are good keys, but not ours."""
    keys: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
        "2048 bits": rsa.generate_private_key(65537, 2048),
        "4096 bits": rsa.generate_private_key(65537, 4096),
        "e = 3": rsa.generate_private_key(3, 3072),
        "another algorithm": ec.generate_private_key(ec.SECP256R1()),
    }
    return {name: key.public_key().public_bytes(*SPKI_DER) for name, key in keys.items()}


@pytest.mark.parametrize("name", ["2048 bits", "4096 bits", "e = 3", "another algorithm"])
def test_other_public_keys(others: dict[str, bytes], name: str) -> None:
    """A key of another size, exponent or algorithm is not a session's key."""
    with pytest.raises(Malformed, match="issuer key"):
        IssuerKey.from_spki(others[name])


RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
RSASSA_PSS = bytes.fromhex("300b06092a864886f70d01010a")


def _shorter_by(der: bytes, old: bytes, new: bytes) -> bytes:
    """`der` with `old` replaced by `new`, and the outer length corrected."""
    changed = der.replace(old, new, 1)
    length = int.from_bytes(der[2:4], "big") + len(changed) - len(der)
    return changed[:2] + length.to_bytes(2, "big") + changed[4:]


SPELLINGS = {
    "empty": lambda _: b"",
    "trailing byte": lambda der: der + b"\x00",
    "cut short": lambda der: der[:-1],
    "twice": lambda der: der + der,
    "long form of the length": lambda der: der[:1] + b"\x83\x00" + der[2:],
    "indefinite length": lambda der: der[:1] + b"\x80" + der[4:] + b"\x00\x00",
    "no parameters": lambda der: _shorter_by(
        der, RSA_ENCRYPTION, b"\x30\x0b" + RSA_ENCRYPTION[2:-2]
    ),
    "RSASSA-PSS": lambda der: _shorter_by(der, RSA_ENCRYPTION, RSASSA_PSS),
    "unused bits": lambda der: der.replace(b"\x00\x30\x82", b"\x01\x30\x82", 1),
    "even modulus": lambda der: der[:-6] + bytes([der[-6] & 0xFE]) + der[-5:],
    "even exponent": lambda der: der[:-1] + b"\x00",
    "PEM": lambda der: b"-----BEGIN PUBLIC KEY-----\n" + der,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings_of_a_public_key(key: IssuerKey, name: str) -> None:
    """Only the canonical DER of a sound key decodes."""
    other = SPELLINGS[name](key.spki)
    assert other != key.spki
    with pytest.raises(Malformed, match="issuer key"):
        IssuerKey.from_spki(other)


@settings(max_examples=200)
@given(data=st.data())
def test_public_key_malleability(key: IssuerKey, data: st.DataObject) -> None:
    """Any other bytes that decode are the spelling of another key."""
    der = bytearray(key.spki)
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = IssuerKey.from_spki(bytes(der))
    except Malformed:
        return
    assert decoded.spki == bytes(der)


def test_encrypted_secret(secret: IssuerSecret) -> None:
    """A secret under a passphrase is not opened here."""
    encryption = serialization.BestAvailableEncryption(b"passphrase")
    der = backend(secret).private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


def test_secret_of_another_size() -> None:
    """A 2048-bit secret is not a session's."""
    der = rsa.generate_private_key(65537, 2048).private_bytes(*PKCS8_DER)
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


def test_secret_of_another_algorithm() -> None:
    """A secret on a curve is not a session's."""
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(*PKCS8_DER)
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


def test_secret_in_another_container(secret: IssuerSecret) -> None:
    """The older PKCS #1 container is refused."""
    der = backend(secret).private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


@pytest.mark.parametrize("der", [b"", b"\x30\x00", bytes(range(100))])
def test_secret_that_is_none(der: bytes) -> None:
    """Other bytes are no secret."""
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


def test_secrets_do_not_show(secret: IssuerSecret) -> None:
    """Neither the signing key nor a blinding appears in its repr."""
    made = blind.blind(secret.public, b"message")
    shown = repr(secret) + repr(made)
    for number in (secret.p, secret.q, secret.dp, secret.dq, made.inverse):
        assert str(number) not in shown
        assert f"{number:x}" not in shown
