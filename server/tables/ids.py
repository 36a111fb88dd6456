"""Identifiers that may be made on any hub without asking another: 8 random bytes, in hexadecimal."""

import secrets
import time


def new_id() -> str:
    return secrets.token_hex(8)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
