"""What stands before our own server, nginx or Caddy, by the very file that docs/deploy.md tells people to copy."""

import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.running import START_SECONDS_MAX
from tests.services.ports import free_port

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


@dataclass(frozen=True)
class Front:
    """`key_digest` is what a browser is told that it may trust, since no authority vouches for a test's certificate."""

    port: int
    certificate: Path
    key_digest: str

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def trust(self) -> ssl.SSLContext:
        """For a client that is to believe this certificate."""
        return ssl.create_default_context(cafile=self.certificate)


def front_in(folder: Path, port: int | None = None) -> Front:
    """In a new folder, with a certificate and nothing that runs."""
    folder.mkdir()
    return Front(port or free_port(), folder / "certificate.pem", self_made_certificate(folder))


@contextmanager
def started(
    front: Front, run: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """Until it takes requests; ended behind the block. What it says goes to `log`, and is shown where it fails."""
    with log.open("ab") as said:
        process = subprocess.Popen(run, stderr=said, env=environment)
    try:
        _wait_for(front, process, log)
        yield front
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def shipped_for(file: Path, *changes: tuple[str, str]) -> str:
    text = file.read_text()
    for shipped, here in changes:
        assert shipped in text, f"{file.name} does not say {shipped!r} any more"
        text = text.replace(shipped, here, 1)
    return text


def _wait_for(front: Front, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not _answers(front):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _answers(front: Front) -> bool:
    try:
        return httpx.get(f"{front.url}/livez", verify=front.trust(), timeout=START_SECONDS_MAX).status_code < 500
    except httpx.TransportError:
        return False


def self_made_certificate(folder: Path) -> str:
    """For localhost; gives the digest of its public key, as Chromium wants it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    building = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    building = building.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=7))
    building = building.add_extension(names, critical=False)
    building = building.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = building.sign(key, hashes.SHA256())
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(public).digest()).decode()
