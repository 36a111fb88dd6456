"""Where a push may go: a phone names the address, so it must not lead into our own network (SSRF, CWE-918).

The rule is asked when a subscription is kept, and again for the very address that a delivery connects to: a name may
resolve differently a moment later (DNS rebinding), so the check and the connection use one resolved address.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from httpcore import NetworkStream, SyncBackend
from httpcore._backends.base import SOCKET_OPTION

from notifications.errors import EndpointRefused

ENDPOINT_CHARACTERS_MAX = 1_024  # those of the known push services stay below 500
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The rule. `allow_local` drops it for tests and for a hub whose push service runs beside it."""

    allow_local: bool = False

    def check_written(self, endpoint: str) -> None:
        """What can be said without the network. Raises `EndpointRefused`."""
        if len(endpoint) > ENDPOINT_CHARACTERS_MAX:
            raise EndpointRefused(f"an endpoint of {len(endpoint)} characters; {ENDPOINT_CHARACTERS_MAX} at most")
        parts = _split(endpoint)
        if not self.allow_local and (parts.scheme, parts.port or HTTPS_PORT) != ("https", HTTPS_PORT):
            raise EndpointRefused("a push endpoint must be https, on its usual port")
        if parts.username is not None or parts.password is not None:
            raise EndpointRefused("a push endpoint carries no name and no password")
        if _is_address(parts.hostname):
            self._check_address(parts.hostname)

    def check(self, endpoint: str) -> None:
        """As `check_written`, and every address that the name resolves to. Raises `EndpointRefused`."""
        self.check_written(endpoint)
        parts = _split(endpoint)
        self.resolved(parts.hostname, parts.port or HTTPS_PORT)

    def resolved(self, host: str, port: int) -> str:
        """An address of the host to connect to; all of its addresses must be public."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as exc:
            raise EndpointRefused(f"the push service {host} does not resolve") from exc
        addresses = [str(each[4][0]) for each in found]
        for address in addresses:
            self._check_address(address)
        return addresses[0]

    def _check_address(self, address: str) -> None:
        if not self.allow_local and not _is_public(address):
            raise EndpointRefused(f"the push address {address} is not on the public internet")


@dataclass(frozen=True, slots=True)
class _Split:
    scheme: str
    hostname: str
    port: int | None
    username: str | None
    password: str | None


def _split(endpoint: str) -> _Split:
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as exc:
        raise EndpointRefused("the push endpoint is no address") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EndpointRefused("the push endpoint is no https address")
    return _Split(parts.scheme, parts.hostname, port, parts.username, parts.password)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        # An IPv4 address can hide in an IPv6 one: mapped, 6to4, or behind a translator (RFC 6052).
        inner = parsed.ipv4_mapped or parsed.sixtofour or _translated(parsed)
        if inner is not None:
            return _is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    inside = address in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if inside else None


class GuardedBackend(SyncBackend):
    """Connects only to what `Endpoints` allows, at the address that was checked."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        return super().connect_tcp(self._endpoints.resolved(host, port), port, timeout, local_address, socket_options)
