"""The server's secrets: one file each in the home folder, made at the first start, readable by their owner alone.

Losing `release-*.key` means that phones refuse new releases, unless the next one is still there (`tiffin key rotate`);
losing `join.key` ends open join codes; losing `session.key` signs everyone out; losing `vapid.pem` ends every push
subscription; losing `hub.pem` means that a hub joins again. A backup holds them all.
"""

import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from server.errors import SetupError

SECRET_BYTES = 32


class KeyRing:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def session_secret(self) -> bytes:
        return self._kept("session.key", _random)

    def join_secret(self) -> bytes:
        return self._kept("join.key", _random)

    def release_seed(self, organisation_id: str, generation: int | None = None) -> bytes:
        """32 bytes, the private half of the Ed25519 key that signs this organisation's releases now, or did, or will.

        Raises `SetupError` for one that was put away or lost.
        """
        wanted = self.generation(organisation_id) if generation is None else generation
        name = f"release-{organisation_id}{f'-{wanted}' if wanted else ''}.key"
        was_used = (self._folder / _endorsement(organisation_id, wanted + 1)).exists()
        if was_used and not (self._folder / name).exists():
            raise SetupError(
                f"The key {name} is lost. Put it back from a backup, or go on with the next: tiffin key rotate"
            )
        return self._kept(name, _random)

    def generation(self, organisation_id: str) -> int:
        """How often the key that signs releases was replaced."""
        path = self._folder / f"release-{organisation_id}.generation"
        return int(path.read_text()) if path.exists() else 0

    def rotate(self, organisation_id: str) -> int:
        """From now on the next key signs; gives its generation. Its own successor is made once it is asked for."""
        generation = self.generation(organisation_id) + 1
        path = self._folder / f"release-{organisation_id}.generation"
        _replace(path, str(generation).encode())
        return generation

    def endorsement(self, organisation_id: str, generation: int, make: Callable[[], bytes]) -> bytes:
        """The word of the key before for the key of this generation, given once: the key before may be put away."""
        return self._kept(_endorsement(organisation_id, generation), make)

    def first_public_key(self, organisation_id: str, make: Callable[[], bytes]) -> bytes:
        """The key of generation 0, in hexadecimal."""
        return self._kept(f"release-{organisation_id}.pub", make)

    def trusted(self, organisation_id: str) -> list[bytes]:
        """Public keys of others, 32 bytes each, whose releases a person chose to take."""
        folder = self._folder / f"trusted-{organisation_id}"
        return [bytes.fromhex(path.read_text()) for path in sorted(folder.glob("*.pub"))]

    def trust(self, organisation_id: str, public_key: bytes) -> None:
        name = f"trusted-{organisation_id}/{sha256(public_key).hexdigest()}.pub"
        self._kept(name, lambda: public_key.hex().encode())

    def upstream_keys(self, organisation_id: str) -> bytes:
        """At a hub: the public halves of its upstream's keys, as it told them; empty elsewhere."""
        path = self._folder / f"upstream-{organisation_id}.json"
        return path.read_bytes() if path.exists() else b""

    def keep_upstream_keys(self, organisation_id: str, content: bytes) -> None:
        _replace(self._folder / f"upstream-{organisation_id}.json", content)

    def hub_key(self, make: Callable[[], bytes]) -> bytes:
        """What a hub signs its requests to its upstream with, in the form that `make` gives."""
        return self._kept("hub.pem", make)

    def renew_hub_key(self, content: bytes) -> None:
        """Another one in its place: the upstream ended the former."""
        _replace(self._folder / "hub.pem", content)

    def push_key(self, make: Callable[[], bytes]) -> bytes:
        """The VAPID private key, in the form that `make` gives."""
        return self._kept("vapid.pem", make)

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._folder / name
        if not path.exists():
            _write_once(path, make())
        return path.read_bytes()


def _endorsement(organisation_id: str, generation: int) -> str:
    return f"release-{organisation_id}-{generation}.endorsement"


def _random() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all; when two processes start at once, the first one's key stays."""
    draft = _drafted(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace(path: Path, content: bytes) -> None:
    _drafted(path, content).replace(path)


def _drafted(path: Path, content: bytes) -> Path:
    """Beside its place, on the disk, for its owner's eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
