"""The server's secrets: one file each in the home folder, made at the first start, readable by their owner alone.

Losing `release-*.key` means that phones refuse new releases; losing `join.key` ends open join codes; losing
`session.key` signs everyone out; losing `vapid.pem` ends every push subscription. A backup holds them all.
"""

import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

SECRET_BYTES = 32


class KeyRing:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def session_secret(self) -> bytes:
        return self._kept("session.key", _random)

    def join_secret(self) -> bytes:
        return self._kept("join.key", _random)

    def release_seed(self, organisation_id: str) -> bytes:
        """32 bytes, the private half of the Ed25519 key that signs this organisation's releases."""
        return self._kept(f"release-{organisation_id}.key", _random)

    def trusted(self, organisation_id: str) -> list[bytes]:
        """Public keys of others, 32 bytes each, whose releases a person chose to take."""
        folder = self._folder / f"trusted-{organisation_id}"
        return [bytes.fromhex(path.read_text()) for path in sorted(folder.glob("*.pub"))]

    def trust(self, organisation_id: str, public_key: bytes) -> None:
        name = f"trusted-{organisation_id}/{sha256(public_key).hexdigest()}.pub"
        self._kept(name, lambda: public_key.hex().encode())

    def push_key(self, make: Callable[[], bytes]) -> bytes:
        """The VAPID private key, in the form that `make` gives."""
        return self._kept("vapid.pem", make)

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._folder / name
        if not path.exists():
            _write_once(path, make())
        return path.read_bytes()


def _random() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all; when two processes start at once, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
