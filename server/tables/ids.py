"""Identifiers that may be made on any hub without asking another: 8 random bytes, in hexadecimal. And the clock."""

import secrets
import time
from datetime import UTC, date, datetime


def new_id() -> str:
    return secrets.token_hex(8)


def today() -> date:
    """In UTC, as expiries are."""
    return datetime.now(UTC).date()


def now_ms() -> int:
    return time.time_ns() // 1_000_000
