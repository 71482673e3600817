"""crypto/blind.py against RFC 9474, RFC 9578 and Wycheproof."""

import dataclasses
from math import lcm
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crypto import blind
from crypto.blind import Blinded, IssuerKey, IssuerSecret
from crypto.errors import BadToken
from tests.crypto import figures

FIGURES = figures.load("rfc9474.json")
PRODUCT = "RSABSSA-SHA384-PSS-Deterministic"
# RFC 9474 §5: the salt's length, and whether Prepare puts random bytes before the message.
VARIANTS = {
    "RSABSSA-SHA384-PSS-Randomized": (48, True),
    "RSABSSA-SHA384-PSSZERO-Randomized": (0, True),
    PRODUCT: (48, False),
    "RSABSSA-SHA384-PSSZERO-Deterministic": (0, False),
}
FAILURE = BadToken("the signature")


# --- RFC 9474, Appendix A -----------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Figures:
    """One test of the appendix, decoded."""

    name: str
    secret: IssuerSecret
    input_msg: bytes
    salt: bytes
    r: int
    blinded: Blinded
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
        test["name"],
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
    assert bool(test["msg_prefix"]) == VARIANTS[test["name"]][1]


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
    assert blind._blind(rfc.key, rfc.input_msg, rfc.salt, rfc.r) == rfc.blinded


def test_blind_sign(rfc: Figures) -> None:
    """BlindSign gives the RFC's blind signature."""
    assert blind.blind_sign(rfc.secret, rfc.blinded.blinded_message) == rfc.blind_sig


def test_unblind(rfc: Figures) -> None:
    """Steps 1 to 4 of Finalize give the RFC's signature, whichever the variant."""
    assert blind._unblind(rfc.key, rfc.blind_sig, rfc.blinded) == rfc.sig


def test_stock_verifier(rfc: Figures) -> None:
    """A stock RSASSA-PSS verifier accepts the RFC's signature with the salt of its variant."""
    salt_length, _ = VARIANTS[rfc.name]
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), salt_length)

    rfc.key._public().verify(rfc.sig, rfc.input_msg, pss, hashes.SHA384())


def test_finalize_and_verify(rfc: Figures) -> None:
    """Finalize gives the RFC's signature and verify takes it, if the salt has our length."""
    if VARIANTS[rfc.name][0] == blind.SALT_LENGTH:
        assert blind.finalize(rfc.key, rfc.input_msg, rfc.blind_sig, rfc.blinded) == rfc.sig
        blind.verify(rfc.key, rfc.input_msg, rfc.sig, FAILURE)
        return
    with pytest.raises(BadToken):
        blind.finalize(rfc.key, rfc.input_msg, rfc.blind_sig, rfc.blinded)
    with pytest.raises(BadToken):
        blind.verify(rfc.key, rfc.input_msg, rfc.sig, FAILURE)


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

        blinded = blind._blind(private.public, token_input, values["salt"], r)
        response = blind.blind_sign(private, blinded.blinded_message)

        assert blinded.blinded_message == values["token_request"][3:]
        assert response == values["token_response"]
        assert blind.finalize(private.public, token_input, response, blinded) == authenticator


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
