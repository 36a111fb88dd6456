"""Video blocks. A file of the course becomes a video; one on the network, a page with its link and its transcript."""

import html
import json
from collections.abc import Iterator, Mapping

from offline_bundles.importing.imported import Finding, Outcome, Page, Video
from offline_bundles.importing.olx.blocks import Block
from offline_bundles.importing.olx.links import Addresses
from offline_bundles.importing.transcripts import transcript

YOUTUBE = "https://www.youtube.com/watch?v="


def read_video(
    block: Block, name: str, title: str, addresses: Addresses, findings: list[Finding]
) -> Video | Page | None:
    """None, and a finding, for a video of which nothing can be taken along."""
    sources = list(dict.fromkeys(_sources(block)))
    captions = _captions(block, addresses, findings)
    for source in sources:
        place = addresses.place(source)
        if place:
            return Video(name, title, place, captions)
        if source.startswith("/static/"):
            findings.append(
                Finding(Outcome.BROKEN, block.where, "video", f"{source} is not in the package.", about=source)
            )
    online = [source for source in sources if source.startswith(("https://", "http://"))]
    if not sources:
        findings.append(Finding(Outcome.BROKEN, block.where, "video", "it names neither a file nor an address."))
        return None
    if not online:
        return None
    return _as_page(block, name, title, online[0], _first_transcript(captions, addresses), findings)


def _as_page(
    block: Block, name: str, title: str, address: str, transcript: str, findings: list[Finding]
) -> Page | None:
    where = f"the video is on the network, {address}, and not in the package"
    if not transcript:
        why = f"{where}; it has no transcript to read instead. Put its file into the folder by hand."
        findings.append(Finding(Outcome.DROPPED, block.where, "video", why, about=address))
        return None
    why = f"{where}; its transcript is a page to read."
    findings.append(Finding(Outcome.DEGRADED, block.where, "video", why, about=address))
    link = html.escape(address)
    return Page(name, title, f'<p><a href="{link}">{link}</a></p>\n{transcript}')


def _sources(block: Block) -> Iterator[str]:
    """Files of the course first: they come along."""
    written = [each.get("src", "") for each in block.element.iter("source")]
    try:
        listed = json.loads(block.settings.get("html5_sources", "[]"))
    except (ValueError, RecursionError):
        listed = []
    every = [*written, *(one for one in listed if isinstance(one, str))] if isinstance(listed, list) else written
    every = [each.strip() for each in every if each.strip()]
    yield from sorted(every, key=lambda each: not each.startswith("/static/"))
    youtube = block.settings.get("youtube_id_1_0") or block.settings.get("youtube", "").partition(":")[2].split(",")[0]
    if youtube:
        yield YOUTUBE + youtube


def _captions(block: Block, addresses: Addresses, findings: list[Finding]) -> Mapping[str, str]:
    """Places by language; a name that leads nowhere is a broken reference."""
    named = {each.get("language", ""): each.get("src", "") for each in block.element.iter("transcript")}
    named = {language: name for language, name in named.items() if language and name}
    if block.settings.get("sub"):
        named.setdefault("en", f"subs_{block.settings['sub']}.srt.sjson")
    found = {language: addresses.place(f"/static/{name}") for language, name in named.items()}
    for language, name in named.items():
        if found[language] is None:
            why = f"the transcript {name} is not in the package."
            findings.append(Finding(Outcome.BROKEN, block.where, "transcript", why, about=name))
    return {language: place for language, place in found.items() if place}


def _first_transcript(captions: Mapping[str, str], addresses: Addresses) -> str:
    return next(filter(None, (transcript(addresses.package, place) for place in captions.values())), "")
