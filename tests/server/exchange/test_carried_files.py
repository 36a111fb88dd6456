"""Carried files against the network: many phones in one file, any order, any number of times, one effect."""

import asyncio
import random

import pytest

from server.exchange.carried import Applied, FromDevice, apply
from server.tables import Attempt, ConflictRecord, LogEntry, Parked, Quarantined, Survivor
from server.tables.ids import now_ms
from sync.carried import Kind, read_carried, write_carried
from sync.client import Replica, gathered, take_replies, write_requests
from sync.errors import NotCarried, RequestRefused
from sync.identity import DeviceKey
from tests.server.school import COURSE, NOW_S, School, attempt, study


def carry(here: School, *files: bytes, organisation: str = "") -> Applied:
    """A file, or several, applied as `tiffin carry apply` does."""
    parts = [part for file in files for part in read_carried(file).parts]
    return asyncio.run(apply(here.service, here.database, parts, organisation=organisation))


def phones_with_a_week(here: School, count: int) -> list[Replica]:
    phones = [here.device(here.learner(f"learner {i}")) for i in range(count)]
    for place, phone in enumerate(phones):
        study(phone, at=NOW_S + place)
        phone.submit(attempt())
    return phones


def state(here: School) -> list[object]:
    """What the server holds, whatever the order in which it came."""
    here.settle()
    entries = sorted((row.learner_id, row.hash) for row in here.rows(LogEntry))
    attempts = sorted((row.learner_id, row.hash, row.state, row.score, row.counts) for row in here.rows(Attempt))
    survivors = sorted((row.learner_id, row.key, row.counter, row.value) for row in here.rows(Survivor))
    return [entries, attempts, survivors, len(here.rows(ConflictRecord)), here.rows(Parked), here.rows(Quarantined)]


def test_a_file_from_many_phones_comes_home_and_its_replies_are_carried_back(here: School) -> None:
    phones = phones_with_a_week(here, 5)

    applied = carry(here, write_requests(phones, now_ms()))
    for phone in phones:
        take_replies(phone, applied.replies)

    assert [(one.requests, one.new, one.parked, one.refused) for one in applied.devices] == [(1, 3, 0, [])] * 5
    assert all(phone.outbox.is_empty for phone in phones)
    assert [[grade["score"] for grade in phone.grades] for phone in phones] == [[2000]] * 5


def test_a_file_may_be_applied_again_and_after_the_network_brought_the_same(here: School) -> None:
    phones = phones_with_a_week(here, 3)
    file = write_requests(phones, now_ms())
    here.exchange(phones[0])
    first = carry(here, file)
    before = state(here)

    again = carry(here, file, file)

    assert [one.new for one in first.devices].count(0) == 1
    assert [(one.requests, one.new) for one in again.devices] == [(2, 0)] * 3
    assert state(here) == before


@pytest.mark.parametrize("seed", range(6))
def test_files_and_network_in_any_order_give_the_same_state(here: School, seed: int) -> None:
    """One learner, two phones, and her changes build on each other; what comes early waits for the rest."""
    dice = random.Random(seed)
    amina = here.learner()
    phone, tablet = here.device(amina), here.device(amina)
    requests = []
    for day in range(4):
        writer = dice.choice((phone, tablet))
        writer.note(COURSE, "lecture", f"n{day}", f"day {day}")
        writer.submit(attempt(day + 1, started=NOW_S + day))
        requests.append(writer.request(now_ms()))
        if dice.random() < 0.5:
            here.exchange(writer)
    dice.shuffle(requests)
    cut = dice.randrange(1, 4)
    for request in requests[:cut]:
        here.carry(request)
    files = [write_carried(Kind.REQUESTS, requests[cut:]), write_carried(Kind.REQUESTS, requests[:cut])]
    dice.shuffle(files)
    for file in files:
        carry(here, file)
    here.settle()

    assert here.rows(Parked) == []
    assert here.rows(Quarantined) == []
    assert {row.key for row in here.rows(Survivor)} == {f"n/lecture/n{day}" for day in range(4)}
    assert len(here.rows(Attempt)) == 4
    before = state(here)
    for device in (phone, tablet, phone, tablet):
        here.exchange(device)
    assert state(here)[1:] == before[1:]
    assert phone.outbox.is_empty
    assert tablet.outbox.is_empty


def test_what_a_file_brings_frees_what_the_network_brought_too_early(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n1", "first")
    file = write_requests([phone], now_ms())
    [(name, kept)] = phone.outbox.changes.items()
    phone.outbox.changes.clear()
    phone.note(COURSE, "lecture", "n1", "second")
    here.carry(phone.request(now_ms()))
    phone.outbox.changes[name] = kept
    assert len(here.rows(Parked)) == 1

    [of] = carry(here, file).devices

    assert (of.new, of.placed, of.parked) == (1, 1, 0)
    assert here.rows(Parked) == []


def test_a_file_cut_short_brings_what_is_whole_in_it(here: School) -> None:
    phones = phones_with_a_week(here, 3)
    file = write_requests(phones, now_ms())

    applied = carry(here, file[: 2 * len(file) // 3])
    assert 0 < sum(one.requests for one in applied.devices) < 3
    carry(here, file)
    here.settle()

    assert len(here.rows(Attempt)) == 3


def test_a_request_alone_as_a_phone_saves_it_is_a_file_too(here: School) -> None:
    [phone] = phones_with_a_week(here, 1)
    saved = phone.request(now_ms())
    assert read_carried(gathered([saved, write_carried(Kind.REQUESTS, [saved])])).parts == (saved,)
    assert [one.new for one in carry(here, saved).devices] == [3]
    with pytest.raises(NotCarried, match="Copy it again"):
        read_carried(saved[:-5])


def test_one_device_that_is_not_known_harms_no_other_and_is_told(here: School) -> None:
    phones = phones_with_a_week(here, 2)
    stranger = Replica(DeviceKey.generate(), 1)
    study(stranger)
    forged = bytearray(phones[1].request(now_ms()))
    forged[5] ^= 1

    file = write_carried(
        Kind.REQUESTS, [stranger.request(now_ms()), b"no request", bytes(forged), phones[0].request(now_ms())]
    )
    applied = carry(here, file)

    by_device = {one.device: one for one in applied.devices}
    assert by_device[stranger.key.device.hex()].refused == ["device_unknown"]
    assert by_device[phones[1].key.device.hex()].refused == ["bad_signature"]
    assert [bool(by_device[one.key.device.hex()].learner) for one in (*phones, stranger)] == [True, True, False]
    assert by_device[phones[0].key.device.hex()].new == 3
    assert applied.unreadable == 1
    with pytest.raises(RequestRefused, match="device_unknown"):
        take_replies(stranger, applied.replies)
    assert not stranger.outbox.is_empty


def test_whose_a_revoked_phone_was_is_told(here: School) -> None:
    [phone] = phones_with_a_week(here, 1)
    with here.database.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("update device set revoked_ms = 1")
    here.service.devices.forget()
    [of] = carry(here, write_requests([phone], now_ms())).devices
    assert (of.learner != "", of.new, of.refused) == (True, 0, ["device_revoked"])


def test_a_trainers_file_reaches_no_other_organisation(here: School) -> None:
    [phone] = phones_with_a_week(here, 1)
    [of] = carry(here, write_requests([phone], now_ms()), organisation="elsewhere").devices
    assert of == FromDevice(phone.key.device.hex(), 1, requests=1, refused=["device_unknown"])
    assert here.rows(LogEntry) == []


def test_several_cards_are_gathered_into_one_file_each_request_once(here: School) -> None:
    phones = phones_with_a_week(here, 3)
    cards = [write_requests([phone], now_ms()) for phone in phones]
    one = gathered([*cards, cards[0]])
    assert len(read_carried(one).parts) == 3
    assert len(carry(here, one).devices) == 3
    with pytest.raises(NotCarried, match="replies"):
        gathered([carry(here, one).replies])
    with pytest.raises(NotCarried, match="requests"):
        take_replies(phones[0], one)


def test_a_copied_phone_that_only_files_reach_takes_a_new_name_once_and_keeps_its_work(here: School) -> None:
    """Two of its files are on their way when it hears that it is a copy; both replies say so."""
    amina = here.learner()
    phone = here.device(amina)
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    study(phone)
    here.exchange(phone)
    copy.note(COURSE, "lecture", "n2", "on the copy")
    first = write_requests([copy], now_ms())
    copy.note(COURSE, "lecture", "n3", "on the copy, later")
    second = write_requests([copy], now_ms())
    replies = [carry(here, file).replies for file in (first, second)]

    take_replies(copy, replies[0])
    name = copy.actor
    take_replies(copy, replies[1])
    take_replies(copy, carry(here, write_requests([copy], now_ms())).replies)
    here.settle()

    assert copy.actor == name != phone.actor
    assert copy.outbox.is_empty
    assert {row.key for row in here.rows(Survivor)} >= {"n/lecture/n1", "n/lecture/n2", "n/lecture/n3"}
    assert here.rows(Parked) == []
    assert {row.reason for row in here.rows(Quarantined)} == {"actor_forked"}
    assert copy.read(COURSE, "n/lecture/n1").value == ("Boil for one minute",), "it was given what it lacked"
