"""Exponential ElGamal: (g^r, y^r·g^m). Products of ciphertexts encrypt sums (§4.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from crypto.encoding import Fields, Json
from crypto.group import IDENTITY, Element, G, element, product, products


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An encrypted small number."""

    alpha: Element
    beta: Element

    def __mul__(self, factor: "Ciphertext") -> "Ciphertext":
        return Ciphertext(self.alpha * factor.alpha, self.beta * factor.beta)

    def to_json(self) -> dict[str, str]:
        return {"alpha": self.alpha.hex, "beta": self.beta.hex}

    @classmethod
    def from_json(cls, value: Json, path: str, *, identity: bool = False) -> "Ciphertext":
        """Refuses the identity, which hides nothing, unless it is expressly allowed."""
        fields = Fields(value, path, "alpha", "beta")
        alpha = fields.read("alpha", element, identity=identity)
        return cls(alpha, fields.read("beta", element, identity=identity))


ONE = Ciphertext(IDENTITY, IDENTITY)


def encrypt(key: Element, value: int, r: int) -> Ciphertext:
    """(g^r, key^r·g^value)."""
    alpha, beta = products([((G, r),), ((key, r), (G, value))])
    return Ciphertext(alpha, beta)


def multiply(ciphertexts: Iterable[Ciphertext]) -> Ciphertext:
    """A ciphertext of the sum of all values."""
    members = list(ciphertexts)
    return Ciphertext(product(c.alpha for c in members), product(c.beta for c in members))
