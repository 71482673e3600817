"""crypto/group.py, and the kernel where it is built, against big integers, Wycheproof and CCTV."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import group
from crypto.errors import Malformed
from crypto.group import (
    IDENTITY,
    Element,
    G,
    Q,
    element,
    element_bytes,
    montgomery,
    montgomery_secret,
    product,
    products,
    public_products,
    random_scalar,
    scalar,
)
from tests.crypto import figures, naive

EDGES = [0, 1, 2, 3, 8, Q - 2, Q - 1, Q, Q + 1, 2 * Q, 2**252, 2**256, -1, -Q]
EXPONENTS = st.sampled_from(EDGES) | st.integers(0, Q - 1)
ELEMENTS = st.sampled_from([IDENTITY, G, G**-1, G**2]) | st.integers(0, Q - 1).map(lambda n: G**n)

TORSION = naive.torsion()
NOT_REDUCED = [
    (y | sign << 255).to_bytes(32, "little")
    for y in range(naive.P, 2**255)  # the 19 integers of 255 bits that are not below p
    for sign in (0, 1)
]
NEGATIVE_ZERO = [(y | 1 << 255).to_bytes(32, "little") for y in (1, naive.P - 1)]


def point(member: Element) -> naive.Point:
    """The element in big integers."""
    decoded = naive.decode(member.raw)
    assert decoded is not None
    return decoded


def is_element(raw: bytes) -> bool:
    """What libsodium says, and the kernel with it where there is one."""
    try:
        accepted = element_bytes(raw, "x").raw == raw
    except Malformed:
        accepted = False
    if group._kernel is not None and len(raw) == 32:  # the border takes no other
        assert group._kernel.is_element(raw, identity=False) == accepted
    return accepted


# --- Decoding -----------------------------------------------------------------------------


def test_generator_is_the_base_point() -> None:
    """g is RFC 8032's B, and q its order."""
    assert point(G) == naive.BASE
    assert naive.multiply(Q, naive.BASE) == naive.IDENTITY


@given(exponent=st.integers(1, Q - 1))
def test_round_trip(exponent: int) -> None:
    """Every element decodes from its bytes and from its digits."""
    member = G**exponent
    assert element_bytes(member.raw, "x") == member
    assert element(member.hex, "x") == member


def test_hex_is_the_little_endian_integer() -> None:
    """The digits of an element are its bytes read as a little-endian integer (Belenios)."""
    assert int((G**5).hex, 16) == int.from_bytes((G**5).raw, "little")
    assert G.hex == "66" * 31 + "58"


SMALL_ORDER = [naive.encode(t) for t in TORSION]
LENGTHS = [(G.raw * 2)[:length] for length in (0, 1, 31, 33, 64)]


@pytest.mark.parametrize("raw", SMALL_ORDER + LENGTHS, ids=bytes.hex)
def test_small_order_or_length(raw: bytes) -> None:
    """None of the eight points of small order decodes, nor what has not 32 bytes."""
    with pytest.raises(Malformed, match="field"):
        element_bytes(raw, "field")
    assert len(raw) != 32 or not is_element(raw)


@pytest.mark.parametrize("torsion", TORSION[1:], ids=lambda t: naive.encode(t).hex())
def test_torsion(torsion: naive.Point) -> None:
    """An element with a small-order part does not decode."""
    for exponent in (1, 2, Q - 1, 123456789):
        mixed = naive.add(point(G**exponent), torsion)
        with pytest.raises(Malformed, match="field"):
            element_bytes(naive.encode(mixed), "field")
        assert not is_element(naive.encode(mixed))


@pytest.mark.parametrize("raw", NOT_REDUCED + NEGATIVE_ZERO, ids=bytes.hex)
def test_not_canonical(raw: bytes) -> None:
    """A coordinate that is not reduced, or a negative zero, does not decode."""
    for identity in (False, True):
        with pytest.raises(Malformed, match="field"):
            element_bytes(raw, "field", identity=identity)
    assert not is_element(raw)


@settings(max_examples=100)
@given(raw=st.binary(min_size=32, max_size=32))
def test_decoding_agrees_with_big_integers(raw: bytes) -> None:
    """Any 32 bytes are an element for libsodium exactly if they are one for the integers."""
    assert is_element(raw) == naive.is_member(raw)


@given(y=st.integers(0, 50), sign=st.sampled_from([0, 1]))
def test_decoding_of_small_coordinates(y: int, sign: int) -> None:
    """Both implementations agree on small y, where the special points are."""
    raw = (y | sign << 255).to_bytes(32, "little")
    assert is_element(raw) == naive.is_member(raw)


def test_identity_needs_permission() -> None:
    """The identity decodes where it is expressly allowed, and nowhere else."""
    assert element(IDENTITY.hex, "x", identity=True) == IDENTITY
    with pytest.raises(Malformed, match="x: the identity"):
        element(IDENTITY.hex, "x")


def test_permission_allows_nothing_else() -> None:
    """Where the identity is allowed, another point of small order still is not."""
    with pytest.raises(Malformed):
        element_bytes(naive.encode(TORSION[1]), "x", identity=True)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "66" * 31,
        G.hex + "\n",
        G.hex + "00",
        G.hex[:-1],
        "0" + G.hex,
        "0x" + G.hex[2:],
        " " + G.hex[1:],
        G.hex.replace("58", "5٨"),
        (G**5).hex.upper(),
        None,
        58,
        True,
        G.raw,
        [G.hex],
    ],
    ids=repr,
)
def test_other_spellings_of_an_element(value: object) -> None:
    """Only 64 lower-case hex digits in a string decode."""
    with pytest.raises(Malformed, match="field"):
        element(value, "field")


# --- Vectors of others --------------------------------------------------------------------


def test_rfc8032_public_keys_are_elements() -> None:
    """Public keys and commitments of the RFC decode."""
    for test in figures.load("rfc8032.json")["tests"]:
        assert is_element(bytes.fromhex(test["public_key"]))
        assert is_element(bytes.fromhex(test["signature"])[:32])


def test_cctv(third_party_vectors: Path) -> None:
    """Keys and commitments decode exactly if canonical, of order q, and so flagged."""
    tests = figures.third_party(third_party_vectors, "rfc8032/cctv_ed25519vectors.json")
    assert len(tests) == 914
    for test in tests:
        flags = set(test["flags"] or [])
        for letter, raw in (("A", test["key"]), ("R", test["sig"][:64])):
            bad = {f"low_order_{letter}", f"low_order_component_{letter}"}
            bad.add(f"non_canonical_{letter}")
            assert is_element(bytes.fromhex(raw)) == (not flags & bad), test["number"]
            assert is_element(bytes.fromhex(raw)) == naive.is_member(bytes.fromhex(raw))


@pytest.mark.slow
def test_wycheproof(third_party_vectors: Path) -> None:
    """Keys and commitments decode exactly if the integers say so; all of valid signatures do."""
    name = "wycheproof/ed25519_test.json"
    judged = 0
    for tests in figures.third_party(third_party_vectors, name)["testGroups"]:
        assert is_element(bytes.fromhex(tests["publicKey"]["pk"]))
        for test in tests["tests"]:
            raw = bytes.fromhex(test["sig"])[:32]
            assert is_element(raw) == naive.is_member(raw)
            assert is_element(raw) or test["result"] == "invalid"
            judged += 1
    assert judged == 151


# --- Arithmetic ---------------------------------------------------------------------------


@settings(max_examples=40)
@given(a=ELEMENTS, b=ELEMENTS)
def test_multiplication_agrees_with_big_integers(a: Element, b: Element) -> None:
    """a·b is the sum of the points; the identity and inverses are no special case."""
    assert point(a * b) == naive.add(point(a), point(b))


@settings(max_examples=40)
@given(base=ELEMENTS, exponent=EXPONENTS)
def test_power_agrees_with_big_integers(base: Element, exponent: int) -> None:
    """Powers are multiples of points, for every exponent and the identity too."""
    assert point(base**exponent) == naive.multiply(exponent % Q, point(base))


@settings(max_examples=15)
@given(rows=st.lists(st.lists(st.tuples(ELEMENTS, EXPONENTS), max_size=4), max_size=4))
def test_products_agree_with_big_integers(rows: list[list[tuple[Element, int]]]) -> None:
    """The batch operation gives each row's product of powers."""
    expected = []
    for row in rows:
        total = naive.IDENTITY
        for base, exponent in row:
            total = naive.add(total, naive.multiply(exponent % Q, point(base)))
        expected.append(naive.encode(total))
    assert [member.raw for member in products(rows)] == expected
    assert [member.raw for member in public_products(rows)] == expected


@pytest.mark.parametrize("exponent", EDGES)
def test_edge_powers(exponent: int) -> None:
    """g^n depends on n mod q alone, and another base behaves like g."""
    base = G**7
    assert G**exponent == G ** (exponent % Q)
    assert base**exponent == G ** (7 * exponent)
    assert (base**exponent == IDENTITY) == (exponent % Q == 0)
    assert IDENTITY**exponent == IDENTITY


@given(a=EXPONENTS, b=EXPONENTS)
def test_exponents_add(a: int, b: int) -> None:
    """g^a·g^b = g^(a+b), through zero as well."""
    assert G**a * G**b == G ** (a + b)


def test_product_of_nothing() -> None:
    """The empty product is the identity."""
    assert product([]) == IDENTITY
    assert products([[]]) == [IDENTITY]
    assert products([]) == []


def test_equal_elements_hash_alike() -> None:
    """An element computed in two ways is one member of a set."""
    assert len({G**5, G**2 * G**3}) == 1
    assert G.raw != G


def test_repr_is_short() -> None:
    """An element shows eight digits of itself."""
    assert repr(G) == "Element(66666666…)"


# --- Scalars ------------------------------------------------------------------------------


@given(number=st.sampled_from([0, 1, Q - 1]) | st.integers(0, Q - 1))
def test_scalar_round_trip(number: int) -> None:
    """Every number below q decodes from its decimal digits."""
    assert scalar(str(number), "s") == number


@pytest.mark.parametrize("number", [Q, Q + 1, 10**76 - 1, 2**252 + 2**200])
def test_scalar_not_reduced(number: int) -> None:
    """q and more are refused although they have as many digits."""
    with pytest.raises(Malformed, match="s: not below"):
        scalar(str(number), "s")


SPELLINGS = ["", "+1", "-0", "-1", " 1", "1 ", "1\n", "\n1", "01", "00", "1_0", "1e3", "1.0", "0x1"]
DIGITS = ["١", "１", "1٠", "²", "Ⅷ", "1" * 77, "0" * 76, "NaN", "1,0"]
TYPES = [None, True, 0, 1, 1.0, b"1", ["1"], {"1": "1"}]


@pytest.mark.parametrize("value", [*SPELLINGS, *DIGITS, *TYPES], ids=repr)
def test_other_spellings_of_a_scalar(value: object) -> None:
    """A scalar is a string with the shortest ASCII decimal of its number."""
    with pytest.raises(Malformed, match="s: a decimal"):
        scalar(value, "s")


def test_random_scalars() -> None:
    """Random scalars are below q, not zero, and different."""
    drawn = {random_scalar() for _ in range(100)}
    assert len(drawn) == 100
    assert all(0 < number < Q for number in drawn)


# --- Montgomery form ----------------------------------------------------------------------


@settings(max_examples=30)
@given(exponent=st.integers(1, Q - 1))
def test_montgomery_agrees_with_big_integers(exponent: int) -> None:
    """The X25519 key of an element is u = (1 + y)/(1 − y)."""
    assert montgomery(G**exponent) == naive.montgomery_u(point(G**exponent))


HAVE_FORM = [1, 2, 3, 4, 5, 6, 7, 9, 2**128, Q // 2, Q // 2 + 1, Q - 9, Q - 7, Q - 2, Q - 1]


@pytest.mark.parametrize("exponent", HAVE_FORM)
def test_montgomery_secret_of_edges(exponent: int) -> None:
    """The X25519 private key of an exponent has the public key of its element, at edges too."""
    private = X25519PrivateKey.from_private_bytes(montgomery_secret(exponent))
    assert private.public_key().public_bytes_raw() == montgomery(G**exponent)


@settings(max_examples=300)
@given(exponent=st.integers(2**128, Q - 2**128))
def test_montgomery_secret(exponent: int) -> None:
    """The same for any exponent; X25519's own clamping changes nothing."""
    secret = montgomery_secret(exponent)
    number = int.from_bytes(secret, "little")
    private = X25519PrivateKey.from_private_bytes(secret)
    assert number % 8 == 0
    assert number >> 254 == 1
    assert private.public_key().public_bytes_raw() == montgomery(G**exponent)


@pytest.mark.parametrize("exponent", [0, 8, Q - 8, Q, 16, 8 * 2**120, Q - 8 * 2**120])
def test_exponents_without_montgomery_secret(exponent: int) -> None:
    """Multiples of 8 next to 0 have no clamped form, and the error says to make another key."""
    with pytest.raises(Malformed, match="make another"):
        montgomery_secret(exponent)
