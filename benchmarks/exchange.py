"""What an exchange costs: bytes on the wire, round trips, processor time of the server, exchanges a second.

A real server process on SQLite; a proxy on loopback counts every byte of TCP payload, both ways. Bytes are those of
the reference client; what Chromium's own headers add stands beside them.
"""

import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.following import wait_until_current
from benchmarks.learner import COURSE, do, hand_in, week
from benchmarks.yardstick import yardstick
from server.database import Database
from sync.client import Replica
from sync.client.transport import exchange, join, post
from sync.errors import SyncError
from tests.browser.chromium import launch
from tests.counting_proxy import CountingProxy, counting_proxy
from tests.running import RunningServer, running

QUIZZES = 10
QUESTIONS = 10
CLIENTS = 8
EXCHANGES = 480
WARM_UP = 48
RECEIVE_BYTES = 65_536
TICKS = os.sysconf("SC_CLK_TCK")
CONSUMERS_CPU = 'tiffin_writer_cpu_seconds_total{part="consumers"}'
FROM_A_PAGE = """body => fetch("/v1/exchange", {
  method: "POST", body: new Uint8Array(body), credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
}).then((reply) => reply.text())"""


def figures() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as server:
        publish_course(server, Path(folder))
        yield from bytes_of_a_week(server)
        yield from cost_of_many(server)


def publish_course(server: RunningServer, folder: Path) -> None:
    """A course with the workload's ten graded quizzes of ten questions."""
    source = folder / "course"
    (source / "quizzes").mkdir(parents=True)
    choices = ", ".join(f"{{id: {c}, text: {c}, correct: {str(c == 'a').lower()}}}" for c in "abcd")
    activities = []
    for index in range(QUIZZES):
        lines = [
            f'  - {{id: q{question}, kind: single_choice, prompt: "Question {question}", choices: [{choices}]}}'
            for question in range(QUESTIONS)
        ]
        name = f"quiz-{index:02d}"
        (source / "quizzes" / f"{name}.yaml").write_text("\n".join(["kind: graded", "questions:", *lines]))
        activities.append(f"      - {{id: {name}, kind: quiz, title: Quiz, source: quizzes/{name}.yaml}}")
    head = [f"id: {COURSE}", "title: Bench", "languages: [en]", "lessons:", "  - id: all", "    title: All"]
    (source / "course.yaml").write_text("\n".join([*head, "    activities:", *activities]))
    server.command("account", "add", "bench", "--role", "trainer")
    server.command("pack", str(source))
    server.command("publish", COURSE, "1")


def joined(server: RunningServer, count: int) -> list[Replica]:
    """Devices of as many learners, joined, that have fetched what was published before their week began."""
    name = f"trainer-{secrets.token_hex(4)}"
    password = server.command("account", "add", name).split("password ")[1].strip()
    origin = {"origin": server.url}
    replicas = []
    with httpx.Client(base_url=server.url) as trainer, httpx.Client(base_url=server.url) as phones:
        trainer.post("/v1/sign-in", json={"name": name, "password": password}, headers=origin).raise_for_status()
        for index in range(count):
            new = {"name": f"Learner {index}", "language": "en", "courses": [COURSE]}
            invited = trainer.post("/v1/learners", json=new, headers=origin).raise_for_status().json()
            replica = join(phones, invited["invitation"]["code"], "bench")
            exchange(phones, replica, now_ms())
            replicas.append(replica)
    return replicas


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def bytes_of_a_week(server: RunningServer) -> Iterator[tuple[str, float, str]]:
    [replica] = joined(server, 1)
    do(replica, week(1))
    with counting_proxy(server.port) as proxy:
        total, trips = counted(proxy, replica)
        yield "sync.week.bytes", total, "B"
        yield "sync.week.round_trips", trips, "trips"
        yield "sync.idle.bytes", counted(proxy, replica)[0], "B"
        one_more_attempt(replica)
        yield "sync.attempt.bytes", counted(proxy, replica)[0], "B"
    yield "sync.chromium_headers.bytes", chromium_bytes(server), "B"


def one_more_attempt(replica: Replica) -> None:
    answered = [event for event in week(2) if event["type"] == "quiz.answer"][:QUESTIONS]
    seconds = answered[-1]["t"] // 1000
    sitting = {
        "started": answered[0]["t"] // 1000,
        "answers": {f"q{event['question']}": event["answer"] for event in answered},
        "took": [event["elapsed_ms"] // 100 for event in answered],
    }
    hand_in(replica, "quiz-00", seconds, sitting)


def counted(proxy: CountingProxy, replica: Replica) -> tuple[int, int]:
    """One exchange on a connection of its own: TCP payload both ways, and round trips."""
    before, trips = proxy.bytes_up + proxy.bytes_down, 0

    def count(_: httpx.Request) -> None:
        nonlocal trips
        trips += 1

    with httpx.Client(base_url=f"http://127.0.0.1:{proxy.port}", event_hooks={"request": [count]}) as client:
        exchange(client, replica, now_ms())
    return proxy.bytes_up + proxy.bytes_down - before, trips


def chromium_bytes(server: RunningServer) -> int:
    """What Chromium's own headers add to an exchange: one request by both, the difference going up."""
    body = b"\x01\x00" + bytes(100)  # refused as unsigned, which costs no header
    with counting_proxy(server.port) as proxy, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://localhost:{proxy.port}/livez")
        before = proxy.bytes_up
        page.evaluate(FROM_A_PAGE, list(body))
        by_chromium = proxy.bytes_up - before
        browser.close()
        before = proxy.bytes_up
        with httpx.Client(base_url=f"http://127.0.0.1:{proxy.port}") as client, suppress(SyncError):
            post(client, body)
        return by_chromium - (proxy.bytes_up - before)


def cost_of_many(server: RunningServer) -> Iterator[tuple[str, float, str]]:
    """Eight clients, each in a process of its own, send weeks that were written before the clock starts."""
    requests = []
    for seed, replica in enumerate(joined(server, WARM_UP + EXCHANGES)):
        do(replica, week(seed))
        requests.append(replica.request(now_ms()))
    database = Database(f"sqlite:///{server.home / 'tiffin.db'}")
    send_all(server.port, requests[:WARM_UP])
    wait_until_current(database)
    consumers_before, process_before = consumers_cpu(server), process_cpu(server)
    seconds = send_all(server.port, requests[WARM_UP:])
    wait_until_current(database)
    process = process_cpu(server) - process_before  # first: asking for the other is work too
    consumers = consumers_cpu(server) - consumers_before
    database.close()
    yield "sync.server_cpu_ms", (process - consumers) * 1000 / EXCHANGES, "ms"
    yield "consume.cpu_ms", consumers * 1000 / EXCHANGES, "ms"
    yield "sync.per_second", EXCHANGES / seconds, "1/s"
    yield from least(requests)


def least(requests: list[bytes]) -> Iterator[tuple[str, float, str]]:
    """What the same requests cost where nothing is done for them."""
    with yardstick() as (pid, port):
        send_all(port, requests[:WARM_UP])
        before = cpu_of(pid)
        seconds = send_all(port, requests[WARM_UP:])
        yield "yardstick.server_cpu_ms", (cpu_of(pid) - before) * 1000 / EXCHANGES, "ms"
        yield "yardstick.per_second", EXCHANGES / seconds, "1/s"


def send_all(port: int, requests: list[bytes]) -> float:
    """Seconds from when every client stands connected until the last one has its last reply."""
    fork = get_context("fork")
    ready = fork.Barrier(CLIENTS + 1)
    clients = [fork.Process(target=send, args=(port, requests[place::CLIENTS], ready)) for place in range(CLIENTS)]
    for client in clients:
        client.start()
    ready.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    assert not any(client.exitcode for client in clients), "an exchange was refused"
    return seconds


def send(port: int, requests: list[bytes], ready: Barrier) -> None:
    """One client: its requests one after another on one connection; each must be taken.

    A socket and no more: the clients share their two cores with the server, and a library's client costs a third of
    what an exchange costs the server.
    """
    whole = [
        f"POST /v1/exchange HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(one)}\r\n\r\n".encode() + one
        for one in requests
    ]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        ready.wait()
        for request in whole:
            connection.sendall(request)
            assert reply_to(connection).startswith(b"HTTP/1.1 200 "), "refused"


def reply_to(connection: socket.socket) -> bytes:
    """One whole reply: its head says how long its body is."""
    received = connection.recv(RECEIVE_BYTES)
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < length:
        body += _more(connection)
    return head + body


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(RECEIVE_BYTES)
    assert received, "the server hung up"
    return received


def process_cpu(server: RunningServer) -> float:
    return cpu_of(server.pid)


def cpu_of(pid: int) -> float:
    """Processor seconds of a whole process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def consumers_cpu(server: RunningServer) -> float:
    """Processor seconds of what follows the log so far."""
    return max(values(server, CONSUMERS_CPU))


def values(server: RunningServer, name: str) -> list[float]:
    text = httpx.get(f"{server.url}/metrics").text
    return [float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)]
