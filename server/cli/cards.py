"""`tiffin export`, `take`, `verify` and `trust`: releases in files that are carried by hand. docs/card.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from offline_bundles import FolderStore, ObjectSource, ObjectStore, ReleaseRecord, key_id, verify_release
from offline_bundles.canonical import MANIFEST_BYTES_MAX
from offline_bundles.card import PART_BYTES_MAX, Card, open_card, write_card
from offline_bundles.card.index import read_index
from offline_bundles.card.layout import INDEX_NAME
from offline_bundles.errors import BundleError, TamperedObject
from offline_bundles.rotation import reachable
from offline_bundles.stores.whole import hold_whole
from server.cli.commands import OrganisationName, organisation_of
from server.composition import open_database, open_keys, open_objects
from server.courses import releases
from server.courses.cards import Taken, Taking, on_card
from server.courses.release_keys import ReleaseKeys
from server.errors import SetupError
from server.people import accounts
from server.settings import Settings
from server.tables import Organisation

PUBLIC_KEY_BYTES = 32
Keys = Mapping[str, bytes]  # public keys by their id

key_app = typer.Typer(help="The keys that sign releases.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="The card's files, in any order.")]


def export(
    courses: Annotated[list[str], typer.Argument(metavar="COURSE…", help="Courses, by their ids.")],
    to: Annotated[Path, typer.Option(help="The file to write: card.zip, and card-2.zip… where it needs several.")],
    max_bytes: Annotated[int, typer.Option(help="How large a file may be. FAT32 takes 4 GB.", min=1)] = PART_BYTES_MAX,
    check: Annotated[bool, typer.Option(help="Read the card back, and check every byte.")] = True,
    organisation: OrganisationName = "",
) -> None:
    """Write the newest published release of each course to a file for a memory card."""
    settings = Settings()
    with open_database(settings) as database, database.reading() as session:
        here = accounts.organisation_named(session, organisation)
        records = on_card(session, here.id, courses)
    keys = _keys(settings, here)
    written = write_card(records, open_objects(settings), to, keys=keys.chain(), bytes_max=max_bytes)
    for path in written.parts:
        typer.echo(f"{path}: {path.stat().st_size} bytes")
    if check:
        _check(open_card(written.parts), keys.known())
    typer.echo(
        f"{len(records)} courses, {written.objects} objects, {written.bytes} bytes. Take them: tiffin take FILE…"
    )


def take(files: Files, organisation: OrganisationName = "") -> None:
    """Take a card's releases into this server, once every byte was found to be as it was signed."""
    settings = Settings()
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        keys, card = _keys(settings, here), open_card(files)
        taking = Taking(database, open_objects(settings), here, keys.signer, keys.reachable(card.keys))
        taken = [_told(one) for one in taking.take(card)]
    for fault in card.faults:
        typer.echo(fault)
    if refused := sum(1 for one in taken if one.refused):
        raise SetupError(f"{refused} of {len(taken)} releases were not taken.")


def trust(
    key: Annotated[str, typer.Argument(help="The whole public key, 64 characters. Compare it before you trust it.")],
    organisation: OrganisationName = "",
) -> None:
    """Take releases that another organisation signed with this key."""
    settings = Settings()
    public_key = _public_key(key)
    with open_database(settings) as database:
        here = organisation_of(database, organisation)
        open_keys(settings).trust(here.id, public_key)
    typer.echo(f"Releases signed with the key {key_id(public_key)} are taken from now on.")


@key_app.command("show")
def show_key(organisation: OrganisationName = "") -> None:
    """Show the public key that signs releases here, for others to compare and trust, and the next one."""
    settings = Settings()
    with open_database(settings) as database:
        keys = _keys(settings, organisation_of(database, organisation))
    typer.echo(f"Releases are signed with {keys.signer.public_key.hex()}")
    typer.echo(f"The next key will be {keys.following.hex()}")


@key_app.command("rotate")
def rotate_key(organisation: OrganisationName = "") -> None:
    """Sign with the next key from now on: the present one is lost, stolen or old."""
    settings = Settings()
    with open_database(settings) as database:
        keys = _keys(settings, organisation_of(database, organisation))
        keys.rotate()
    typer.echo(f"Releases are signed with {keys.signer.public_key.hex()} from now on.")
    typer.echo("Pack and publish each course again: phones move on with its next release. Back up the keys folder.")


def verify(
    what: Annotated[list[str], typer.Argument(metavar="COURSE NUMBER | FILE…", help="A release here, or a card.")],
    key: Annotated[
        str, typer.Option(help="The public key to check a card by, when this server does not know it.")
    ] = "",
    organisation: OrganisationName = "",
) -> None:
    """Check a release of this server, the files of a card, or an unpacked card's folder: every byte of it."""
    settings = Settings()
    paths = [Path(each) for each in what]
    if key:
        _check_files(paths, {key_id(_public_key(key)): _public_key(key)})
        return
    with open_database(settings) as database, database.reading() as session:
        here = accounts.organisation_named(session, organisation)
        keys = _keys(settings, here).known()
        if len(what) == 2 and what[1].isdecimal() and not paths[0].exists():
            record = releases.record(releases.one(session, here.id, what[0], int(what[1])))
            _check_here(record, keys, open_objects(settings))
            return
    _check_files(paths, keys)


def _check_here(record: ReleaseRecord, keys: Keys, store: ObjectStore) -> None:
    """What a disk damaged is removed: where it lay it would be believed, and never be written again."""
    try:
        _check_release(record, keys, store)
    except TamperedObject as error:
        damaged = [digest for digest in error.digests if not hold_whole(digest, store)]
        raise SetupError(
            f"{error}\n{len(damaged)} damaged objects were removed. To have them again, pack the course again, "
            "take it from a card (tiffin take FILE), or put them back from a backup."
        ) from error


def _check_files(paths: list[Path], keys: Keys) -> None:
    if len(paths) == 1 and paths[0].is_dir():
        if not (paths[0] / INDEX_NAME).exists():
            raise SetupError(f"{paths[0]} is no unpacked card: {INDEX_NAME} is not in it. Name the card's files.")
        with (paths[0] / INDEX_NAME).open("rb") as file:
            index = read_index(file.read(MANIFEST_BYTES_MAX + 1))
        _check_releases(index.releases, reachable(keys, index.keys), FolderStore(paths[0] / "objects"))
        return
    _check(open_card(paths), keys)


def _check(card: Card, trusted: Keys) -> None:
    keys = reachable(trusted, card.keys)
    for fault in card.faults:
        typer.echo(fault)
    _check_releases(card.releases, keys, card)


def _check_releases(records: tuple[ReleaseRecord, ...], keys: Keys, source: ObjectSource) -> None:
    """All of them, whatever is wrong with one. Raises `SetupError` with everything that is wrong."""
    faults = list(_faults(records, keys, source))
    if faults or not records:
        raise SetupError("\n".join(faults) or "There is no release on this card.")


def _faults(records: tuple[ReleaseRecord, ...], keys: Keys, source: ObjectSource) -> Iterator[str]:
    for record in records:
        try:
            _check_release(record, keys, source)
        except (BundleError, SetupError) as error:
            yield f"Release {record.number} of {record.course}: {error}"


def _check_release(record: ReleaseRecord, keys: Keys, source: ObjectSource) -> None:
    if record.key not in keys:
        raise SetupError(f"It was signed with the key {record.key}, which is not known here. Give it: --key KEY")
    count = verify_release(record, keys[record.key], source)
    typer.echo(f"Release {record.number} of {record.course} is right: {count} objects, every byte as it was signed.")


def _keys(settings: Settings, organisation: Organisation) -> ReleaseKeys:
    return ReleaseKeys(open_keys(settings), organisation.id)


def _public_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise SetupError(
            f"A public key has {2 * PUBLIC_KEY_BYTES} characters from 0-9 and a-f. See yours: tiffin key show"
        )
    return key


def _told(taken: Taken) -> Taken:
    release = f"Release {taken.record.number} of {taken.record.course}"
    if taken.refused:
        typer.echo(f"{release} was not taken. {taken.refused}", err=True)
    elif taken.was_here:
        typer.echo(f"{release} was here already.")
    else:
        typer.echo(
            f"{release} is taken: {taken.new_objects} new objects. "
            f"Publish it: tiffin publish {taken.record.course} {taken.record.number}"
        )
    return taken
