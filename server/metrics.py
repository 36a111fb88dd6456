"""What the server counts, for Prometheus. Labels name an organisation, a tier, a rule or a reason: never a learner or a
device, so that the number of series stays small and a dashboard tells nothing about a person.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlmodel import Session, col, select

from server.backup.soundness import noted
from server.database import Database
from server.grading import regrading
from server.log.auditing import progress
from server.reports import hubs
from server.reports.fleet import OF_SILENCE, TIERS, counted, fleet
from server.shapes.administration import DeviceFilter
from server.tables import (
    Attempt,
    ConflictRecord,
    Damage,
    DeviceContact,
    Notification,
    Organisation,
    Parked,
    Quarantined,
)
from server.tables.ids import now_ms

FRESH_SECONDS = 5.0  # below any watcher's interval
SECONDS_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Loaded(Protocol):
    """What carries the load, and says how much; see `server.exchange.service.ExchangeService`."""

    def lag(self) -> dict[str, int]: ...
    def cpu_seconds(self) -> dict[str, float]: ...
    def refused(self) -> dict[str, int]: ...
    def waiting(self) -> dict[str, int]: ...


class Metrics:
    """Counters that requests move, and gauges that are read from the tables when someone asks."""

    def __init__(self, database: Database, load: Loaded, home: Path) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Load(load))
        self._registry.register(_LastBackup(home))
        self._registry.register(_FromTables(database))
        ProcessCollector(registry=self._registry)
        self.exchanges = Counter(
            "tiffin_exchanges", "Exchanges by how they ended.", ["outcome"], registry=self._registry
        )
        self.exchange_seconds = Histogram(
            "tiffin_exchange_seconds", "Time to answer an exchange.", buckets=SECONDS_BUCKETS, registry=self._registry
        )
        self.bytes = Counter("tiffin_exchange_bytes", "Bytes of bodies.", ["direction"], registry=self._registry)
        self.pushes = Counter("tiffin_pushes", "Push deliveries by outcome.", ["outcome"], registry=self._registry)

    @contextmanager
    def exchange(self, received_bytes: int) -> Iterator["Exchanged"]:
        """Counts one exchange: by the class of the error that leaves the block, or as answered."""
        exchanged, outcome, began = Exchanged(), "answered", time.perf_counter()
        try:
            yield exchanged
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            self.exchanges.labels(outcome).inc()
            self.exchange_seconds.observe(time.perf_counter() - began)
            self.bytes.labels("in").inc(received_bytes)
            self.bytes.labels("out").inc(len(exchanged.reply))

    def pushed(self, outcome: str) -> None:
        self.pushes.labels(outcome).inc()

    def exposition(self) -> bytes:
        return generate_latest(self._registry)


@dataclass
class Exchanged:
    """What an exchange gave back; empty until it did."""

    reply: bytes = b""


class _Load(Collector):
    """How much stands before the one writer and behind it, and who was turned away."""

    def __init__(self, load: Loaded) -> None:
        self._load = load

    def describe(self) -> list[Metric]:
        return []  # registering must not ask the tables

    def collect(self) -> Iterator[Metric]:
        load = self._load
        lag = GaugeMetricFamily("tiffin_consumer_lag_entries", "Log entries not yet consumed.", labels=["consumer"])
        queue = GaugeMetricFamily("tiffin_queue_requests", "Requests that wait for the writer.", labels=["tier"])
        refused = CounterMetricFamily("tiffin_refused", "Told to come again later, by what of it.", labels=["tier"])
        cpu = CounterMetricFamily("tiffin_writer_cpu_seconds", "Processor time of the one writer.", labels=["part"])
        several = ((lag, load.lag()), (queue, load.waiting()), (refused, load.refused()), (cpu, load.cpu_seconds()))
        for metric, values in several:
            for label, value in values.items():
                metric.add_metric([label], value)
            yield metric


class _LastBackup(Collector):
    """What `tiffin backup` noted, which is another process; nothing before the first."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def describe(self) -> list[Metric]:
        return []  # registering must not read it

    def collect(self) -> Iterator[Metric]:
        if last := noted(self._home):
            age = (now_ms() - last.at_ms) / 1000
            yield GaugeMetricFamily("tiffin_backup_age_seconds", "Since the last backup was made.", age)
            yield GaugeMetricFamily("tiffin_backup_damaged", "Damaged things that it was made of.", last.damaged)


class _FromTables(Collector):
    """Counted anew at most every few seconds: anyone may ask, and it costs what some two hundred exchanges cost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._last: tuple[float, list[Metric]] | None = None

    def describe(self) -> list[Metric]:
        return []  # registering must not ask the tables

    def collect(self) -> Iterator[Metric]:
        with self._turn:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_SECONDS:
                self._last = (time.monotonic(), self._counted())
            return iter(self._last[1])

    def _counted(self) -> list[Metric]:
        with self._database.reading() as session:
            told = (_by_reason, _of_fleets, _of_hubs, _of_grading, _of_history)
            return [metric for each in told for metric in each(session)]


def _by_reason(session: Session) -> Iterator[Metric]:
    asked: tuple[tuple[str, str, str, Any, Any], ...] = (
        ("tiffin_conflicts", "Conflicts settled, by rule.", "rule", ConflictRecord, ConflictRecord.rule),
        ("tiffin_quarantined", "Items in quarantine, by reason.", "reason", Quarantined, Quarantined.reason),
        ("tiffin_attempts", "Attempts by state.", "state", Attempt, Attempt.state),
        ("tiffin_notifications", "Notifications by state.", "state", Notification, Notification.state),
    )
    for name, text, label, table, column in asked:
        gauge = GaugeMetricFamily(name, text, labels=["organisation", label])
        counted = select(table.organisation_id, column, func.count()).group_by(table.organisation_id, column)
        for organisation, value, count in session.execute(counted):
            gauge.add_metric([organisation, str(value)], count)
        yield gauge


def _of_fleets(session: Session) -> Iterator[Metric]:
    silent = GaugeMetricFamily("tiffin_devices", "Devices by silence.", labels=["organisation", "silent_for"])
    waiting = GaugeMetricFamily("tiffin_waiting", "Unsent on phones, by tier.", labels=["organisation", "tier"])
    behind = GaugeMetricFamily("tiffin_devices_behind", "Devices with an older release.", labels=["organisation"])
    parked = GaugeMetricFamily("tiffin_parked", "Changes that wait for others.", labels=["organisation"])
    oldest = GaugeMetricFamily("tiffin_parked_oldest_seconds", "Age of the oldest one.", labels=["organisation"])
    dropped = CounterMetricFamily("tiffin_events_dropped", "Events that no phone could keep.", labels=["organisation"])
    for organisation in session.exec(select(Organisation.id)).all():
        everyone = fleet(session, organisation, now_ms())
        phones = counted(session, everyone, *OF_SILENCE.values(), DeviceFilter.BEHIND)
        for silence, shown in OF_SILENCE.items():
            silent.add_metric([organisation, silence.value], phones[shown])
        unsent, lost = _said(session, organisation)
        for tier, count in zip(TIERS, unsent, strict=True):
            waiting.add_metric([organisation, tier], count)
        behind.add_metric([organisation], phones[DeviceFilter.BEHIND])
        dropped.add_metric([organisation], lost)
        count, since_ms = _parked(session, organisation)
        parked.add_metric([organisation], count)
        oldest.add_metric([organisation], (everyone.now_ms - since_ms) / 1000 if since_ms else 0)
    yield from (silent, waiting, behind, dropped, parked, oldest)


def _of_hubs(session: Session) -> Iterator[Metric]:
    labels = ["organisation", "hub"]
    uplink = GaugeMetricFamily("tiffin_hub_uplink_age_seconds", "Since a hub's last uplink.", labels=labels)
    waiting = GaugeMetricFamily("tiffin_hub_waiting", "Requests that a hub has not handed on.", labels=labels)
    oldest = GaugeMetricFamily("tiffin_hub_oldest_cargo_seconds", "How long the oldest of them waits.", labels=labels)
    incidents = CounterMetricFamily("tiffin_hub_incidents", "What was not as a device signed it.", labels=labels)
    now = now_ms()
    for organisation in session.exec(select(Organisation.id)).all():
        counted = hubs.incidents_by_hub(session, organisation)
        for hub in hubs.of(session, organisation):
            name = [organisation, hub.name]
            uplink.add_metric(name, (now - (hub.last_uplink_ms or hub.added_ms)) / 1000)
            waiting.add_metric(name, hub.waiting)
            oldest.add_metric(name, (now - hub.oldest_cargo_ms) / 1000 if hub.oldest_cargo_ms else 0)
            incidents.add_metric(name, counted.get(hub.id, 0))
    yield from (uplink, waiting, oldest, incidents)


def _of_grading(session: Session) -> Iterator[Metric]:
    again = GaugeMetricFamily("tiffin_regrading_attempts", "Attempts to be graded again.", labels=["organisation"])
    for organisation in session.exec(select(Organisation.id)).all():
        remaining = regrading.left(session.connection(), organisation).values()
        again.add_metric([organisation], sum(each.attempts for each in remaining))
    yield again


def _of_history(session: Session) -> Iterator[Metric]:
    damaged = GaugeMetricFamily("tiffin_segments_damaged", "Damaged parts of old history.", labels=["organisation"])
    counted = select(Organisation.id, func.count(col(Damage.segment_id))).outerjoin(
        Damage, col(Damage.organisation_id) == Organisation.id
    )
    for organisation, count in session.exec(counted.group_by(Organisation.id)):
        damaged.add_metric([organisation], count)
    yield damaged
    if ended_ms := progress(session.connection()).ended_ms:
        age = (now_ms() - ended_ms) / 1000
        yield GaugeMetricFamily("tiffin_audit_age_seconds", "Since all old history was read again.", age)


def _said(session: Session, organisation_id: str) -> tuple[list[int], int]:
    """What all phones hold unsent, by tier, and what they had no room for."""
    columns = (*(f"waiting_{tier}" for tier in TIERS), "events_dropped")
    sums = [func.coalesce(func.sum(getattr(DeviceContact, name)), 0) for name in columns]
    *unsent, lost = session.execute(select(*sums).where(col(DeviceContact.organisation_id) == organisation_id)).one()
    return unsent, lost


def _parked(session: Session, organisation_id: str) -> tuple[int, int | None]:
    counted = select(func.count(), func.min(Parked.since_ms)).where(col(Parked.organisation_id) == organisation_id)
    count, since_ms = session.exec(counted).one()
    return count, since_ms
