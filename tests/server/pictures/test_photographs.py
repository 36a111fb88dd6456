"""Photographs that answer a question: pieces in, after the attempt that names them; pixels out, and nothing else."""

import io
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from server.errors import NotFound
from server.pictures import Held, carry, shown_of, states, take
from server.pictures.showing import shown
from server.tables import Picture, PicturePiece, PictureState
from sync.admission import Author
from sync.client import Replica
from sync.errors import Malformed
from sync.identity import verify
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX
from sync.pictures import piece_of, read_piece
from sync.submissions import Submission
from tests.server.school import COURSE, NOW_S, School, school

WHERE = 0x8825  # the tag under which a camera notes the place


def photograph(width: int = 1_280, height: int = 960, *, quality: int = 90) -> bytes:
    """A picture of noise, as a camera would write it: with its place, and lying on its side."""
    pixels = Image.effect_noise((width, height), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it right
    exif.get_ifd(WHERE)[1] = "S"
    written = io.BytesIO()
    pixels.save(written, "JPEG", quality=quality, exif=exif)
    return written.getvalue()


def answered_with(here: School, *pictures: bytes) -> tuple[Replica, Author]:
    learner = here.learner()
    phone = here.device(learner)
    answers = {f"q{at}": sha256(one).hexdigest() for at, one in enumerate(pictures)}
    phone.submit(Submission(COURSE, "exam", 1, 1, NOW_S, NOW_S + 300, answers))
    here.exchange(phone)
    return phone, Author(here.organisation.id, learner.id, phone.key.device.hex(), phone.profile)


def bring(here: School, phone: Replica, author: Author, picture: bytes, at: int = 0) -> PictureState:
    """Piece by piece, each from where the last one ended, as the server tells."""
    while True:
        at, state = take(here.database, author, piece_of(phone.key, phone.profile, picture, at))
        if state is not PictureState.COMING:
            return state


def test_a_photograph_comes_in_pieces_behind_its_attempt_and_shows_its_pixels_alone(here: School) -> None:
    picture = photograph(800, 600)
    phone, author = answered_with(here, picture)
    name = sha256(picture).hexdigest()
    first = piece_of(phone.key, phone.profile, picture, 0)
    assert take(here.database, author, first) == (PIECE_BYTES_MAX, PictureState.COMING)
    assert take(here.database, author, first) == (PIECE_BYTES_MAX, PictureState.COMING), "a lost reply changes nothing"

    assert bring(here, phone, author, picture) is PictureState.KEPT

    with here.database.reading() as session:
        assert states(session, author.learner, [name, "00" * 32]) == {name: PictureState.KEPT}
        pixels = Image.open(io.BytesIO(shown_of(session, here.organisation.id, author.learner, name)))
        with pytest.raises(NotFound):
            shown_of(session, "another organisation", author.learner, name)
    assert (pixels.format, pixels.size, dict(pixels.getexif())) == ("WEBP", (600, 800), {})
    [kept] = here.rows(Picture)
    assert kept.body == picture, "what was sealed is kept as it came"
    assert here.rows(PicturePiece) == []


def test_what_no_attempt_names_is_not_taken_and_what_is_not_as_it_was_sealed_begins_again(here: School) -> None:
    picture, other = photograph(200, 100), photograph(300, 100)
    broken = bytes(40_000)
    phone, author = answered_with(here, picture, broken)
    with pytest.raises(NotFound, match="Hand the attempt in first"):
        bring(here, phone, author, other)
    sealed = piece_of(phone.key, phone.profile, picture, 0)
    forged = replace(sealed, content=bytes(sealed.length))
    with pytest.raises(Malformed, match="Begin again"):
        take(here.database, author, forged)
    assert bring(here, phone, author, picture) is PictureState.KEPT
    assert bring(here, phone, author, broken) is PictureState.UNREADABLE, "kept, and shows nothing"


def test_a_hub_hands_it_on_as_it_came_once_for_each_life_of_the_log_above(here: School, tmp_path: Path) -> None:
    picture = photograph(400, 300)
    (tmp_path / "above").mkdir()
    with school(f"sqlite:///{tmp_path / 'above.db'}", tmp_path / "above") as above:
        phone, author = answered_with(here, picture)
        learner = above.learner()
        above.exchange(copy_of(phone, above.device(learner, phone.key)))
        there = replace(author, organisation=above.organisation.id, learner=learner.id)
        bring(here, phone, author, picture)

        def send(body: bytes) -> Held:
            piece = read_piece(body)
            verify(phone.key.public_key, piece.signature, piece.signed)
            return take(above.database, there, piece)

        assert [carry(here.database, send, epoch) for epoch in (b"first", b"first", b"second")] == [1, 0, 1]
        assert [(row.body, row.state) for row in above.rows(Picture)] == [(picture, PictureState.KEPT)]
    assert carry(here.database, lambda _: None, b"third") == 0, "its attempt is not there yet"


def copy_of(phone: Replica, joined: Replica) -> Replica:
    """The same attempt, to be sent to another server."""
    joined.outbox.records, joined.outbox.hashes = list(phone.outbox.records), list(phone.outbox.hashes)
    return joined


def bomb() -> bytes:
    """Thousands of pixels in each byte."""
    written = io.BytesIO()
    Image.new("1", (6_000, 6_000)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "raw", [b"", b"<svg/>", photograph(64, 64)[:300], bomb()], ids=["nothing", "svg", "cut", "bomb"]
)
def test_what_is_no_picture_of_measure_is_not_shown(raw: bytes) -> None:
    assert len(raw) < PICTURE_BYTES_MAX
    assert shown(raw) is None
