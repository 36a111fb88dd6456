"""Phones whose logic is the app's own TypeScript, run by node: `pwa/tests/simulation/phones.ts`, bundled first.

One node process holds all of a test process's phones. Every phone has two tabs, and what is done is done in either:
F20.
"""

import base64
import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives import serialization

from server.tables.ids import new_id
from sync.client import Replica
from tests.simulation.happenings.deeds import HANDS_IN, Deed
from tests.simulation.machines.camera import photograph
from tests.simulation.machines.phones import Carry, Client, Lost, PythonClient, Refused, Told, View
from tests.simulation.world import World

APP = Path(__file__).parent.parent.parent.parent / "pwa"
BUNDLER = APP / "node_modules" / "rolldown" / "bin" / "cli.mjs"
PHONES = APP / "tests" / "simulation" / "phones.ts"
EPOCH_NONE = "00" * 8


class Node:
    """The process, and its lines."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tiffin-node-")
        folder = Path(self._folder.name)
        (folder / "package.json").write_text('{"type":"module"}')
        command = ["node", str(BUNDLER), str(PHONES), "--platform", "node", "--format", "esm", "-d", str(folder)]
        subprocess.run(command, cwd=APP, check=True, capture_output=True)
        self._process = subprocess.Popen(
            ["node", folder / "phones.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def say(self, **words: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        heard: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in heard:
            raise RuntimeError(heard["error"])
        return heard

    def ask(self, **words: Any) -> dict[str, Any]:
        self.say(**words)
        return self.hear()


@cache
def the_node() -> Node:
    return Node()


@dataclass
class NodeClient:
    """One phone in node, by its name there. Handing in is an event to the app, too."""

    eventful: ClassVar = frozenset({"happen", *HANDS_IN})
    is_silent: ClassVar = False
    world: World
    name: str
    now_ms: int = 0

    @classmethod
    def joined(cls, world: World, replica: Replica) -> "NodeClient":
        """A phone with the key and profile of `replica`, which is used for nothing else."""
        key = replica.key.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        client = cls(world, new_id())
        welcome = {
            "profile": replica.profile,
            "learner": {"id": client.name, "name": client.name, "language": "en"},
            "organisation": {"name": "x", "release_key": base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()},
            "push_key": "",
            "epoch": EPOCH_NONE,
            "server_time": world.now_ms,
        }
        keys = {"key": _base64(key), "public": _base64(replica.key.public_key)}
        room = world.parts.events_kept
        the_node().ask(do="join", phone=client.name, joined=welcome, seed=new_id(), now=world.now_ms, room=room, **keys)
        return client

    def do(self, deed: Deed, wall_s: int) -> None:
        words = {name: getattr(deed, name) for name in ("what", "course", "activity", "value", "number")}
        if deed.what == "photograph":
            words["picture"] = _base64(photograph(deed.number))
        the_node().ask(do="deed", phone=self.name, tab=self._tab(), now=1000 * wall_s, **words)

    def _tab(self) -> int:
        return self.world.random.randrange(2)

    def exchange(self, carry: Carry, wall_ms: Callable[[], int]) -> None:
        self._talk(carry, do="exchange", tab=self._tab(), now=wall_ms(), silent=self.is_silent)
        self._talk(carry, do="pictures", now=wall_ms())

    def _talk(self, carry: Carry, **words: Any) -> None:
        """Until what was asked for is done; what it sends meanwhile is carried."""
        node = the_node()
        heard = node.ask(phone=self.name, **words)
        while "request" in heard:
            node.say(**_carried(carry, base64.b64decode(heard["request"])))
            heard = node.hear()
        if "failed" in heard:
            raise Lost(heard["failed"])

    def writes_file(self, wall_ms: int) -> bytes:
        """All that waits, photographs too, for a trainer to carry."""
        return base64.b64decode(the_node().ask(do="file", phone=self.name, now=wall_ms)["file"])

    def hears_file(self, replies: bytes) -> None:
        the_node().ask(do="replies", phone=self.name, file=_base64(replies))

    def read(self, course: str, key: str) -> Any:
        return _as_python(the_node().ask(do="read", phone=self.name, tab=self._tab(), course=course, what=key)["value"])

    def told(self, course: str, activity: str) -> Told:
        """As its screen of results has it."""
        said = the_node().ask(do="told", phone=self.name, course=course, activity=activity)
        return Told.of(said["results"], said.get("standing"))

    def view(self) -> View:
        said = the_node().ask(do="view", phone=self.name)
        return View(
            actor=bytes.fromhex(said["actor"]),
            epoch=bytes.fromhex(said["epoch"]),
            cursor=said["cursor"],
            unsent=frozenset(map(bytes.fromhex, said["unsent"])),
            records=tuple(map(bytes.fromhex, said["records"])),
            changes=frozenset(map(bytes.fromhex, said["changes"])),
            grades=said["grades"],
            is_settled=said["is_settled"],
            dropped=said["dropped"],
        )

    def ask_for_everything(self) -> None:
        the_node().ask(do="everything", phone=self.name)

    def copy(self) -> "NodeClient":
        twin = NodeClient(self.world, new_id())
        the_node().ask(do="copy", phone=self.name, to=twin.name)
        return twin


def either(world: World, replica: Replica) -> Client:
    """Every second phone that joins is the app."""
    return PythonClient(replica) if len(world.everyone) % 2 else NodeClient.joined(world, replica)


def _carried(carry: Carry, request: bytes) -> dict[str, Any]:
    try:
        return {"reply": _base64(carry(request))}
    except Refused:
        return {"refused": True}
    except Lost:
        return {"lost": True}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _as_python(value: Any) -> Any:
    """Arrays are tuples here."""
    return tuple(_as_python(one) for one in value) if isinstance(value, list) else value
