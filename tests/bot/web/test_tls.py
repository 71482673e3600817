"""`serve --tls-local`: one server for those who installed its authority, and for nothing else."""

import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from bot.web import tls
from bot.web.tls import Hosts, Local
from crypto.errors import Malformed, Refused

NOW = int(time.time())
DAY = 24 * 3600
HOST = "192.168.1.10"


def made(folder: Path, host: str = "127.0.0.1", *hosts: str, now: int = NOW) -> Local:
    return tls.prepare(folder / tls.FOLDER, host, hosts, now)


def trusting(local: Local) -> ssl.SSLContext:
    """A client that knows this authority only, and is as strict as the newest Python."""
    context = ssl.create_default_context(cadata=local.authority.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def certificates(local: Local) -> tuple[x509.Certificate, x509.Certificate]:
    server_cert, authority_cert = x509.load_pem_x509_certificates(
        (local.folder / tls.SERVER).read_bytes()
    )
    return server_cert, authority_cert


class TestCertificate:
    def test_is_made_once(self, tmp_path: Path):
        """The second start finds the first one's; phones need nothing new."""
        first, second = made(tmp_path), made(tmp_path, now=NOW + 60 * DAY)

        assert (first.new, second.new) == (True, False)
        assert first.fingerprint == second.fingerprint
        assert {path.name for path in first.folder.iterdir()} == {tls.SERVER, tls.AUTHORITY}

    def test_only_the_owner_reads_the_key(self, tmp_path: Path):
        """And the authority, which everyone may have, holds no key at all."""
        local = made(tmp_path)

        assert local.folder.stat().st_mode & 0o777 == 0o700
        assert (local.folder / tls.SERVER).stat().st_mode & 0o777 == 0o600
        assert (local.folder / tls.SERVER).read_bytes().count(b"PRIVATE KEY-----\n") == 2
        assert b"PRIVATE" not in (local.folder / tls.AUTHORITY).read_bytes()

    def test_the_key_that_signed_is_nowhere(self, tmp_path: Path):
        """What lies in the folder cannot make another certificate."""
        local = made(tmp_path)
        server_, authority = certificates(local)
        spki = [certificate.public_key() for certificate in (server_, authority)]

        assert spki[0] != spki[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(local.folder / tls.SERVER)  # the key is the server's

    @pytest.mark.parametrize(
        ("host", "later", "again"),
        [
            (HOST, 0, False),
            (HOST, tls.DAYS - tls.RENEW_DAYS - 1, False),
            (HOST, tls.DAYS - tls.RENEW_DAYS, True),
            ("10.0.0.7", 0, False),  # it was among the others
            ("192.168.1.11", 0, True),
            ("phieukin.local", 0, True),
        ],
    )
    def test_is_renewed_for_a_new_address_or_near_its_end(
        self, tmp_path: Path, host: str, later: int, again: bool
    ):
        """Not otherwise: a new one is a walk to every phone."""
        first = made(tmp_path, HOST, "10.0.0.7")
        second = made(tmp_path, host, now=NOW + later * DAY)

        assert second.new is again
        assert (first.fingerprint != second.fingerprint) is again
        assert second.hosts.holds(Hosts.of([host]))
        assert (second.folder / tls.AUTHORITY).read_bytes() == second.authority

    def test_a_lost_authority_is_put_back(self, tmp_path: Path):
        """It stands in the server's file, too."""
        first = made(tmp_path)
        (first.folder / tls.AUTHORITY).unlink()

        assert made(tmp_path).fingerprint == first.fingerprint
        assert (first.folder / tls.AUTHORITY).read_bytes() == first.authority

    @pytest.mark.parametrize("data", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAA\n"])
    def test_another_file_in_its_place_is_an_error(self, tmp_path: Path, data: bytes):
        """Named, and not written over."""
        made(tmp_path)
        path = tmp_path / tls.FOLDER / tls.SERVER
        path.write_bytes(data)
        with pytest.raises(Malformed, match=r"server[.]pem"):
            made(tmp_path)

        assert path.read_bytes() == data

    def test_says_what_each_certificate_may_do(self, tmp_path: Path):
        """The authority signs certificates for servers, one level deep; the other is a server."""
        local = made(tmp_path, "phieukin.local", HOST)
        server_, authority = certificates(local)
        above = authority.extensions.get_extension_for_class(x509.BasicConstraints)
        below = server_.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage)
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
        for certificate in (server_, authority):
            purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
            assert list(purposes.value) == [ExtendedKeyUsageOID.SERVER_AUTH]
            assert certificate.not_valid_after_utc - datetime.fromtimestamp(NOW, UTC) == timedelta(
                90
            )

        assert (above.critical, above.value.ca, above.value.path_length) == (True, True, 0)
        assert (below.critical, below.value.ca) == (True, False)
        assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (
            (True, True, False)
        )  # fmt: skip
        names = [
            str(permitted_subtree.value)
            for permitted_subtree in limits.value.permitted_subtrees or ()
        ]
        assert (limits.critical, names) == (True, ["phieukin.local", f"{HOST}/32"])

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")
    @pytest.mark.parametrize(
        ("host", "asked", "fine"),
        [
            (HOST, ["-verify_ip", HOST], True),
            (HOST, ["-verify_ip", "192.168.1.11"], False),
            ("phieukin.local", ["-verify_hostname", "phieukin.local"], True),
            ("phieukin.local", ["-verify_hostname", "other.local"], False),
            ("fd00::7", ["-verify_ip", "fd00::7"], True),
        ],
    )
    def test_openssl_agrees(self, tmp_path: Path, host: str, asked: list[str], fine: bool):
        """The chain holds for a server with this name, under the strictest reading."""
        local = made(tmp_path, host)
        leaf = tmp_path / "leaf.pem"
        leaf.write_bytes(certificates(local)[0].public_bytes(Encoding.PEM))
        options = ["-x509_strict", "-purpose", "sslserver", *asked]
        ran = subprocess.run(
            ["openssl", "verify", "-CAfile", local.folder / tls.AUTHORITY, *options, leaf],  # noqa: S607
            capture_output=True,
            check=False,
        )

        assert (ran.returncode == 0) is fine, ran.stderr

    @pytest.mark.parametrize("host", [HOST, "phieukin.local"])
    @pytest.mark.parametrize("other", ["phieukin.org", "192.168.1.11", "8.8.8.8", "2001:db8::1"])
    def test_its_authority_is_for_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, other: str
    ):
        """Even its key, had somebody kept it, would make no certificate for another place."""
        keys: list[ec.EllipticCurvePrivateKey] = []
        real = ec.generate_private_key

        def kept(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
            keys.append(real(curve))
            return keys[-1]

        monkeypatch.setattr(ec, "generate_private_key", kept)
        local = made(tmp_path, host)
        for name, fine in ((host, True), (other, False)):
            forged = forge(certificates(local)[1], keys[0], keys[1], Hosts.of([name]))
            path = tmp_path / "forged.pem"
            key = (local.folder / tls.SERVER).read_bytes().partition(b"-----BEGIN CERT")[0]
            path.write_bytes(key + forged.public_bytes(Encoding.PEM))
            assert accepted(path, trusting(local), name) is fine


def forge(
    authority: x509.Certificate,
    above: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    hosts: Hosts,
) -> x509.Certificate:
    """A certificate as of this authority, for any name."""
    span = (authority.not_valid_before_utc, authority.not_valid_after_utc)
    return (
        tls._builder(tls._name("x"), authority.subject, key, span)
        .add_extension(x509.SubjectAlternativeName(tls._general(hosts)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        )
        .sign(above, SHA256())
    )


def accepted(chain: Path, client: ssl.SSLContext, name: str) -> bool:
    """Whether a client takes this server for that name; the handshake runs in memory."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = client.wrap_bio(to_client, to_server, server_hostname=name)
    server_side = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client_side, server_side):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client_side.version() is not None


@pytest.mark.parametrize(
    "url", ["http://192.168.1.10:8443", "https://", "192.168.1.10", "https://[::1", "https://a..b"]
)
def test_the_public_address_must_be_https(url: str):
    """Said with what to write in its place."""
    with pytest.raises(Refused, match=r"phieukin[.]toml"):
        tls.host_of(url)


def test_names_of_any_language_are_names():
    """As certificates spell them."""
    assert tls.host_of("https://Phiếu.example:8443/x") == "phiếu.example"
    (spelled,) = Hosts.of(["phiếu.example"]).names
    assert (spelled[:4], spelled.encode().decode("idna")) == ("xn--", "phiếu.example")


def test_addresses_around_are_of_this_machine():
    """Each can be bound here; loopback is of no use to phones."""
    for address in tls.around():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.bind((address, 0))
        assert not address.startswith("127.")
