"""A certificate of our own, for a meeting whose network has no internet.

`serve --tls-local` makes an authority and one certificate for the addresses of this server, at
once, and forgets the authority's key: whoever installs the authority on a phone trusts this
server and, even if all of DATA is stolen, nothing that is made later. The names stand in the
authority as constraints too. New addresses or a new end need a new authority, which phones must
install again; so a certificate stays as long as it holds for the address in the letters.

    DATA/tls/server.pem   key, certificate, authority: one file, so that they always belong together
    DATA/tls/ca.pem       the authority alone, for phones

Does not protect against somebody who reads the key of a running server, nor a phone that took
its authority from a false page: the fingerprint is compared with the operator's screen.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from admin.record import files
from crypto.errors import Malformed, Refused

FOLDER: Final = "tls"
SERVER: Final = "server.pem"
AUTHORITY: Final = "ca.pem"
DAYS: Final = 90
RENEW_DAYS: Final = 14  # letters are out, and phones prepared, a week or two before a session
_EARLY: Final = timedelta(days=2)  # clocks of phones without a network go wrong
_NOBODY: Final = "phieukin.invalid"  # a permitted name keeps all others out; this one is nobody's
_KIND: Final = "application/x-x509-ca-cert"  # phones offer to install it
# Asking the routing table sends nothing; each of these may have another way out.
_PROBES: Final = ("192.168.0.1", "10.0.0.1", "172.16.0.1", "192.0.2.1")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Hosts:
    """The host names and addresses that a certificate is for."""

    names: tuple[str, ...]
    addresses: tuple[_Address, ...]

    @classmethod
    def of(cls, hosts: Iterable[str]) -> "Hosts":
        """Raises UnicodeError if a name cannot be one."""
        names, addresses = set[str](), set[_Address]()
        for host in hosts:
            try:
                addresses.add(ipaddress.ip_address(host))
            except ValueError:
                names.add(host.lower().encode("idna").decode("ascii"))
        order = sorted(addresses, key=lambda address: (address.version, int(address)))
        return cls(tuple(sorted(names)), tuple(order))

    def holds(self, hosts: "Hosts") -> bool:
        return set(hosts.names) <= set(self.names) and set(hosts.addresses) <= set(self.addresses)

    @property
    def text(self) -> str:
        return ", ".join([*self.names, *map(str, self.addresses)])


@dataclass(frozen=True, slots=True)
class Local:
    """A certificate in its folder.

    Attributes:
        fingerprint: SHA-256 of the authority, as phones show it.
        new: whether it has just been made, so that phones have to install it.
        hosts: what it is for.
    """

    folder: Path
    authority: bytes
    fingerprint: str
    expires: datetime
    hosts: Hosts
    new: bool

    def context(self) -> ssl.SSLContext:
        """The server's TLS context; TLS 1.2 or newer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.folder / SERVER)
        return context


def host_of(public_url: str) -> str:
    """The host of an https address.

    Raises:
        Refused: not such an address; says what to change.
    """
    try:
        parts = urlsplit(public_url)
        host = parts.hostname or ""
        Hosts.of([host])
    except ValueError:  # UnicodeError is one
        host, parts = "", urlsplit("")
    if parts.scheme != "https" or not host:
        raise Refused(
            f"public_url is {public_url}: put the address that phones use, with https://, "
            "into phieukin.toml, such as https://192.168.1.10:8443"
        )
    return host


def around() -> list[str]:
    """The addresses of this machine on the networks that it knows a way to."""
    addresses = set[str]()
    for probe in _PROBES:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((probe, 9))
            except OSError:
                continue
            addresses.add(asking.getsockname()[0])
    return sorted(address for address in addresses if not ipaddress.ip_address(address).is_loopback)


def prepare(folder: Path, host: str, aliases: Iterable[str], now: int) -> Local:
    """The certificate in the folder, or a new one if there is none that holds for the host.

    Args:
        folder: DATA/tls; made if it is not there.
        host: of the address in the letters.
        aliases: more addresses of this machine, for a new certificate.

    Raises:
        Malformed: what lies there is not a certificate of ours.
    """
    path = folder / SERVER
    if path.exists():
        stored = _read(path)
        left = stored.expires - datetime.fromtimestamp(now, UTC)
        if left > timedelta(days=RENEW_DAYS) and stored.hosts.holds(Hosts.of([host])):
            _show(stored)
            return stored
    folder.mkdir(mode=0o700, exist_ok=True)
    files.write(path, _make(Hosts.of([host, *aliases]), host, now), mode=0o600)
    local = _read(path, new=True)
    _show(local)
    return local


class Offering:
    """Answers GET /ca.pem; everything else is the app's."""

    def __init__(self, app: ASGIApp, authority: bytes) -> None:
        self._app = app
        self._authority = authority

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for_authority = scope["type"] == "http" and scope["path"] == f"/{AUTHORITY}"
        if for_authority and scope["method"] in {"GET", "HEAD"}:
            await Response(self._authority, media_type=_KIND)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _show(local: Local) -> None:
    path = local.folder / AUTHORITY
    if not path.exists() or path.read_bytes() != local.authority:
        files.write(path, local.authority)


def _read(path: Path, *, new: bool = False) -> Local:
    try:
        server, authority = x509.load_pem_x509_certificates(path.read_bytes())
        alternative = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        raise Malformed(f"{path}: not a certificate of this program; remove {path}") from None
    names = alternative.get_values_for_type(x509.DNSName)
    addresses = alternative.get_values_for_type(x509.IPAddress)
    pem = authority.public_bytes(Encoding.PEM)
    return Local(
        folder=path.parent,
        authority=pem,
        fingerprint=authority.fingerprint(SHA256()).hex(":").upper(),
        expires=server.not_valid_after_utc,
        hosts=Hosts.of([*names, *map(str, addresses)]),
        new=new,
    )


def _make(hosts: Hosts, host: str, now: int) -> bytes:
    """Key, certificate and authority. The authority's key is never written and dies here."""
    begin = datetime.fromtimestamp(now, UTC)
    span = (begin - _EARLY, begin + timedelta(days=DAYS))
    above, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"PhieuKin CA {host[:30]} {begin:%Y-%m-%d}")
    authority = _authority(issuer, above, hosts, span)
    server = (
        _builder(_name("PhieuKin"), issuer, key, span)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(x509.SubjectAlternativeName(_general(hosts)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        )
        .sign(above, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + b"".join(
        certificate.public_bytes(Encoding.PEM) for certificate in (server, authority)
    )


def _authority(
    name: x509.Name, key: _Key, hosts: Hosts, span: tuple[datetime, datetime]
) -> x509.Certificate:
    return (
        _builder(name, name, key, span)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(_constraints(hosts), critical=True)
        .sign(key, SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: _Key, span: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    """The fields that both certificates have."""
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )


def _constraints(hosts: Hosts) -> x509.NameConstraints:
    """Exactly these. A kind of name without a permitted one would be free: it gets one or none."""
    names = [x509.DNSName(name) for name in hosts.names or (_NOBODY,)]
    permitted = [x509.IPAddress(ipaddress.ip_network(address)) for address in hosts.addresses]
    everywhere = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
    excluded = None if permitted else [x509.IPAddress(network) for network in everywhere]
    return x509.NameConstraints([*names, *permitted], excluded)


def _general(hosts: Hosts) -> list[x509.GeneralName]:
    return [*map(x509.DNSName, hosts.names), *map(x509.IPAddress, hosts.addresses)]


def _usage(*, sign: bool) -> x509.KeyUsage:
    """A server signs handshakes, an authority signs certificates; neither does more."""
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not sign,
        crl_sign=not sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
