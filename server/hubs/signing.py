"""How a hub shows who it is: each of its requests is signed by its key, over the address and the body.

Requests repeat harmlessly, so one that somebody recorded gives nothing away that its reply did not.
"""

from hashlib import sha256

from sync.identity import DeviceKey, verify

HUB, SIGNATURE = "tiffin-hub", "tiffin-signature"
SIGNED, JOINING = b"tiffin-hub-1\n", b"tiffin-hub-join-1\n"


def headers(hub_id: str, key: DeviceKey, path: str, body: bytes) -> dict[str, str]:
    return {HUB: hub_id, SIGNATURE: key.sign(_statement(hub_id, path, body)).hex()}


def check(public_key: bytes, hub_id: str, path: str, body: bytes, signature: bytes) -> None:
    """Raises `BadSignature` or `BadPublicKey`."""
    verify(public_key, signature, _statement(hub_id, path, body))


def join_statement(code: str) -> bytes:
    """What a hub signs to show that it holds its key; the code as `inviting.normal` writes it."""
    return JOINING + code.encode()


def _statement(hub_id: str, path: str, body: bytes) -> bytes:
    return SIGNED + f"{hub_id}\n{path}\n".encode() + sha256(body).digest()
