"""Ports for servers of tests: each is given out once, and nobody takes it before its server listens.

The system hands out ports of a range of its own to whoever connects somewhere: one of those may be gone between being
chosen and being listened at. So ours lie below that range, and each is held by a name in the abstract namespace of
Linux's sockets, which no other process of tests can take, and which ends with this one.
"""

import secrets
import socket
from pathlib import Path

LOWEST = 10_240  # Chromium refuses some ports up to 10,080
SYSTEMS_OWN = Path("/proc/sys/net/ipv4/ip_local_port_range")
TRIES_MAX = 1_000
_held: list[socket.socket] = []


def free_port() -> int:
    """Of loopback, and this process's alone until it ends; a server may end there and another begin."""
    for _ in range(TRIES_MAX):
        port = LOWEST + secrets.randbelow(_end() - LOWEST)
        if _is_ours(port) and _nobody_is_at(port):
            return port
    raise AssertionError(f"no port from {LOWEST} on is free")


def _end() -> int:
    """Where the system's own range begins; where that leaves us no room, ours is the same."""
    first, last = map(int, SYSTEMS_OWN.read_text().split())
    return first if first - LOWEST > TRIES_MAX else last


def _is_ours(port: int) -> bool:
    holding = socket.socket(socket.AF_UNIX)
    try:
        holding.bind(f"\0tiffin-tests-port-{port}")
    except OSError:
        holding.close()
        return False
    _held.append(holding)
    return True


def _nobody_is_at(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
