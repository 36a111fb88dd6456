"""Photographs in carried files: whichever comes first, answers or pictures, and however often, all is taken once."""

import random
from hashlib import sha256

import pytest

from server.pictures import sender, take
from server.tables import Picture, PicturePiece, PictureState
from server.tables.ids import now_ms
from sync.carried import Kind, read_carried, write_carried
from sync.client import Photographs, Replica, gathered, take_arrivals, take_replies, write_requests
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX
from sync.pictures import piece_of
from sync.submissions import Submission
from tests.server.exchange.test_carried_files import carry
from tests.server.pictures.test_photographs import photograph
from tests.server.school import COURSE, NOW_S, School


def phone_with(here: School, *pictures: bytes, name: str = "Amina") -> tuple[Replica, Photographs]:
    """A phone whose attempt is answered with photographs, and which has had no network since."""
    phone = here.device(here.learner(name))
    here.exchange(phone)
    album = Photographs(phone)
    answers = {f"q{at}": album.add(one) for at, one in enumerate(pictures)}
    phone.submit(Submission(COURSE, "exam", 1, 1, NOW_S, NOW_S + 300, answers))
    return phone, album


def kept(here: School) -> set[bytes]:
    return {bytes(row.digest) for row in here.rows(Picture) if row.state == PictureState.KEPT}


def test_a_photograph_comes_home_with_the_answers_that_name_it_and_its_phone_is_told(here: School) -> None:
    pictures = photograph(200, 100), photograph(100, 200)
    phone, album = phone_with(here, *pictures)

    applied = carry(here, write_requests([phone], now_ms(), [album]))

    [of] = applied.devices
    assert (of.new, of.pictures, of.pictures_early, of.refused, applied.unreadable) == (1, 2, 0, [], 0)
    assert kept(here) == {sha256(one).digest() for one in pictures}
    take_replies(phone, applied.replies)
    assert (take_arrivals(album, applied.replies), take_arrivals(album, applied.replies)) == (2, 0)
    assert (phone.outbox.is_empty, album.waiting) == (True, {})


@pytest.mark.parametrize("seed", range(2))
def test_parts_in_any_order_and_twice_give_the_same(here: School, seed: int) -> None:
    """One picture comes whole, the other both whole and in pieces."""
    dice = random.Random(seed)
    pictures = [photograph(300 + at, 200) for at in range(2)]
    phone, album = phone_with(here, *pictures)
    parts = list(read_carried(write_requests([phone], now_ms(), [album])).parts)
    parts += [
        piece_of(phone.key, phone.profile, pictures[0], at).write_part()
        for at in range(0, len(pictures[0]), PIECE_BYTES_MAX)
    ]
    dice.shuffle(parts)

    applied = [carry(here, write_carried(Kind.REQUESTS, parts)) for _ in range(2)]

    assert kept(here) == {sha256(one).digest() for one in pictures}
    assert here.rows(PicturePiece) == []
    assert len(here.rows(Picture)) == 2
    assert all(of.refused == [] and of.pictures_early == 0 for one in applied for of in one.devices)


def test_a_photograph_that_goes_on_behind_what_the_network_brought_is_whole(here: School) -> None:
    picture = photograph(400, 300)
    phone, album = phone_with(here, picture)
    here.exchange(phone)
    first = piece_of(phone.key, phone.profile, picture, 0)
    take(here.database, sender(here.service.devices, first), first)

    carry(here, write_requests([], now_ms(), [album]))

    assert kept(here) == {sha256(picture).digest()}


def test_one_that_comes_in_a_file_before_its_answers_waits_on_the_phone_and_is_said_to_be_early(here: School) -> None:
    phone, album = phone_with(here, photograph(200, 200))
    pictures = write_requests([], now_ms(), [album])

    early = carry(here, pictures)
    [of] = early.devices
    assert (of.pictures, of.pictures_early, of.refused) == (0, 1, [])
    assert take_arrivals(album, early.replies) == 0

    carry(here, write_requests([phone], now_ms()))
    [of] = carry(here, pictures).devices
    assert (of.pictures, of.pictures_early) == (1, 0)


def test_what_is_not_as_it_was_sealed_or_a_strangers_harms_no_other(here: School) -> None:
    phone, album = phone_with(here, photograph(200, 200))
    stranger = phone_with(here, photograph(210, 200), name="Grace")[0]
    [request, part] = read_carried(write_requests([phone], now_ms(), [album])).parts
    turned = bytearray(part)
    turned[-1] ^= 1
    forged = bytearray(part)
    forged[10] ^= 1
    [picture] = album.waiting.values()
    theft = piece_of(stranger.key, stranger.profile, picture, 0, PICTURE_BYTES_MAX).write_part()

    applied = carry(here, write_carried(Kind.REQUESTS, [bytes(turned), bytes(forged), theft, b"P", request, part]))

    by_device = {one.device: one for one in applied.devices}
    mine, theirs = by_device[phone.key.device.hex()], by_device[stranger.key.device.hex()]
    assert (mine.pictures, sorted(mine.refused)) == (1, ["bad_signature", "malformed"])
    assert (theirs.pictures, theirs.pictures_early) == (0, 1)
    assert applied.unreadable == 1


def test_no_photograph_reaches_another_organisation(here: School) -> None:
    phone, album = phone_with(here, photograph(200, 200))
    here.exchange(phone)
    [of] = carry(here, write_requests([], now_ms(), [album]), organisation="elsewhere").devices
    assert (of.pictures, of.refused, here.rows(Picture)) == (0, ["device_unknown"], [])


def test_an_arrival_in_another_life_of_the_log_is_not_believed_and_files_are_gathered_with_their_pictures(
    here: School,
) -> None:
    phone, album = phone_with(here, photograph(200, 200))
    file = write_requests([phone], now_ms(), [album])
    applied = carry(here, gathered([file, file]))
    phone.epoch = b"another!"
    assert take_arrivals(album, applied.replies) == 0
    assert len(album.waiting) == 1
