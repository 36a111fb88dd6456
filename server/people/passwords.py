"""Passwords, with argon2id (RFC 9106). Each hashing takes 64 MiB, so only a few run at once."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE_MAX = 2  # 128 MiB; a flood of sign-ins waits here instead of eating the memory
ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"  # nothing that is read as something else

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(AT_ONCE_MAX)
# Compared against when no account has the name, so that the time taken does not tell which names exist.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def hashed(password: str) -> str:
    with _slots:
        return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    with _slots:
        try:
            return _hasher.verify(kept or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False


def generated() -> str:
    """Three groups of four, like k7qm-2xhp-9ndt: 58 bits, and sayable over a telephone."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
