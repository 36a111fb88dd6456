"""A stranger's SVG as a PNG: rid of all that runs or leads out of it, then drawn in a process with bounds.

Only what draws is let through, by name; an address stays where it leads to a part of the drawing itself or holds a
picture. A phone never sees an SVG. Source: SVG 2, chapters 2.6 (secure static mode) and 16.
"""

import gzip
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.xml import local, read_xml
from offline_bundles.media.pictures import WIDTH_MAX

SVG_BYTES_MAX = 4 << 20  # a detailed map has some 2 MB
SECONDS_MAX = 60  # of waiting for the process, which ends itself after five at work
PROCESS = Path(__file__).with_name("drawing_process.py")
SVG = "{http://www.w3.org/2000/svg}"
GZIP_MAGIC = b"\x1f\x8b"
DRAWS = {
    *("svg", "g", "defs", "symbol", "use", "switch", "a", "title", "desc", "style", "image", "view", "metadata"),
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"),
    *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker", "filter"),
    *("feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix", "feDiffuseLighting"),
    *("feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR"),
    *("feGaussianBlur", "feMerge", "feMergeNode", "feMorphology", "feOffset", "fePointLight", "feSpecularLighting"),
    *("feSpotLight", "feTile", "feTurbulence"),
}
HELD = re.compile(r"\s*(#|data:image/(png|jpeg|gif|webp);base64,)", re.IGNORECASE)
LEADS_OUT = re.compile(r"@import|\\|url\(\s*(?![\"']?#)[^)]*", re.IGNORECASE)  # a backslash can spell any of it
TEXT = f"{SVG}text"


@dataclass(frozen=True, slots=True)
class Drawing:
    """`png`: what it shows. `lost`: what was taken out of it, in words."""

    png: bytes
    lost: tuple[str, ...]


def is_svg(raw: bytes) -> bool:
    return raw.startswith(GZIP_MAGIC) or b"<svg" in raw[:4_096]


def draw(raw: bytes) -> Drawing:
    """Raises `BrokenPackage` where it cannot be drawn, or not within bounds."""
    root = read_xml(_unpacked(raw), SVG_BYTES_MAX)
    if root.tag != f"{SVG}svg":
        raise BrokenPackage("it is no SVG that can be drawn. Save it as PNG.")
    lost = tuple(sorted(set(_clean(root))))
    png = _drawn(tostring(root))
    if _take_text_out(root) and _drawn(tostring(root)) == png:
        raise BrokenPackage("this computer has no letters for the text in it. Save it as PNG.")
    return Drawing(png, lost)


def _take_text_out(root: Element) -> bool:
    """Whether there was any."""
    found = [(parent, child) for parent in root.iter() for child in parent if child.tag == TEXT]
    for parent, child in found:
        parent.remove(child)
    return any("".join(child.itertext()).strip() for _, child in found)


def _unpacked(raw: bytes) -> bytes:
    """An `.svgz` is packed; one byte more than may be is enough to refuse it."""
    if not raw.startswith(GZIP_MAGIC):
        return raw
    try:
        with gzip.open(io.BytesIO(raw)) as packed:
            return packed.read(SVG_BYTES_MAX + 1)
    except (OSError, EOFError) as error:
        raise BrokenPackage("it is damaged. Save it again.") from error


def _clean(element: Element) -> list[str]:
    """Takes out what does not draw; says what of it did something."""
    lost: list[str] = []
    for name, value in list(element.attrib.items()):
        if why := _fault(local(name), value):
            del element.attrib[name]
            lost.append(why)
    if local(element.tag) == "style" and LEADS_OUT.search(element.text or ""):
        element.text = LEADS_OUT.sub("", element.text or "")
        lost.append("what it fetches")
    for child in list(element):
        if child.tag.startswith(SVG) and local(child.tag) in DRAWS:
            lost += _clean(child)
            continue
        if child.tag.startswith(SVG):
            lost.append(f"<{local(child.tag)[:40]}>")
        element.remove(child)  # what other programs wrote beside the drawing, as Inkscape does, is no loss
    return lost


def _fault(name: str, value: str) -> str:
    if name.lower().startswith("on"):
        return "scripts"
    if name.lower() in ("href", "src") and not HELD.match(value):
        return "what it fetches"
    return "what it fetches" if LEADS_OUT.search(value) else ""


def _drawn(svg: bytes) -> bytes:
    command = [sys.executable, "-I", str(PROCESS), str(WIDTH_MAX)]
    try:
        done = subprocess.run(command, input=svg, capture_output=True, timeout=SECONDS_MAX, check=False)  # noqa: S603 (our own)
    except subprocess.TimeoutExpired as error:
        raise BrokenPackage("it takes too long to draw. Save it as PNG.") from error
    if done.returncode or not done.stdout:
        raise BrokenPackage("it cannot be drawn, or only with too much time or memory. Save it as PNG.")
    return done.stdout
