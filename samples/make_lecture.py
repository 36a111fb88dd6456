"""Makes the sample course's narrated lecture and its captions from `lecture.yaml`.

    python -m samples.make_lecture

Chromium draws the slides, espeak-ng speaks the English lines one by one, ffmpeg puts both together. A caption stands as
long as its line is spoken, so captions fit in every language. The results are committed; the same input makes the same
bytes as long as Chromium, the Noto fonts, espeak-ng and imageio-ffmpeg stay the same.
"""

import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import yaml
from playwright.sync_api import Browser, sync_playwright

from samples.art import drawing
from samples.make_pictures import COURSE, HERE, launch

WIDTH, HEIGHT = 1280, 720
VOICE, WORDS_A_MINUTE, WORD_GAP = "en-gb", "138", "3"  # slow, for listeners whose first language is another
SAMPLE_BYTES = 2  # espeak-ng speaks 16-bit mono
PAUSE_SECONDS, SLIDE_PAUSE_SECONDS = 0.35, 0.9
LANGUAGES = {"en": "say", "ar": "ar"}  # a caption file's language, and the member of lecture.yaml that holds its lines
SLIDE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: 1280px; height: 720px; display: grid; grid-template-columns: 800px 1fr; align-items: center;
  background: #FFFDF8; color: #1B1F24; font: 40px/1.35 "Noto Sans", sans-serif }}
main {{ padding: 0 24px 40px 64px }} h1 {{ font-size: 66px; line-height: 1.15; margin: 0 0 36px }}
ul {{ list-style: none; margin: 0; padding: 0 }} li {{ margin: 20px 0; padding-left: 48px; position: relative }}
li::before {{ content: ""; position: absolute; left: 0; top: 16px; width: 22px; height: 22px; border-radius: 6px;
  background: #E3A008 }} .art {{ height: 100%; display: grid; place-items: center; background: #F3EEE3 }}
.art > svg {{ width: 420px }} footer {{ position: fixed; left: 64px; bottom: 30px; font-size: 24px; color: #55626F }}
.bar {{ position: fixed; left: 0; bottom: 0; height: 12px; background: #E3A008; width: {share}% }}
</style><main><h1>{title}</h1><ul>{points}</ul></main><div class="art">{art}</div>
<footer>Water and health · {number} of {total}</footer><div class="bar"></div>"""

Slide = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is spoken: 16-bit samples, and its caption by language."""

    sound: bytes
    captions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: seconds from the lecture's beginning, and its words by language."""

    start: float
    end: float
    captions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Narration:
    """The whole voice, what is said when, and how many seconds each slide stands."""

    sound: bytes
    rate: int
    cues: list[Cue]
    slide_seconds: list[float]


def main() -> None:
    slides: list[Slide] = yaml.safe_load((HERE / "lecture.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder)
        browser = launch(playwright)
        draw_slides(browser, slides, work)
        browser.close()
        narration = narrate(slides, work)
        write_captions(narration.cues)
        put_together(narration, work)


def draw_slides(browser: Browser, slides: list[Slide], work: Path) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    for number, slide in enumerate(slides, 1):
        page.set_content(slide_html(slide, number, len(slides)))
        page.screenshot(path=_slide_path(work, number))
    page.close()


def slide_html(slide: Slide, number: int, total: int) -> str:
    return SLIDE.format(
        title=escape(slide["title"]),
        points="".join(f"<li>{escape(point)}" for point in slide["points"]),
        art=drawing(slide["art"]),
        number=number,
        total=total,
        share=round(100 * number / total),
    )


def narrate(slides: list[Slide], work: Path) -> Narration:
    """Speaks every line; the clock is the sound that was made so far, so captions cannot drift."""
    sound, rate = bytearray(), 0
    cues: list[Cue] = []
    slide_seconds: list[float] = []
    for slide in slides:
        began = len(sound)
        for line, rate in spoken(slide, work):
            start = _seconds(len(sound), rate)
            sound += line.sound
            cues.append(Cue(start, _seconds(len(sound), rate), line.captions))
            sound += _silence(PAUSE_SECONDS, rate)
        sound += _silence(SLIDE_PAUSE_SECONDS, rate)
        slide_seconds.append(_seconds(len(sound) - began, rate))
    return Narration(bytes(sound), rate, cues, slide_seconds)


def spoken(slide: Slide, work: Path) -> Iterator[tuple[Line, int]]:
    """A slide's lines and their samples a second."""
    path = work / "line.wav"
    for lines in zip(*(slide[member] for member in LANGUAGES.values()), strict=True):
        captions = dict(zip(LANGUAGES, lines, strict=True))
        voice = ["-v", VOICE, "-s", WORDS_A_MINUTE, "-g", WORD_GAP]
        subprocess.run(["espeak-ng", *voice, "-w", path, captions["en"]], check=True)
        with wave.open(str(path)) as wav:
            yield Line(wav.readframes(wav.getnframes()), captions), wav.getframerate()


def _seconds(length: int, rate: int) -> float:
    return length / SAMPLE_BYTES / rate


def _silence(seconds: float, rate: int) -> bytes:
    return bytes(SAMPLE_BYTES * int(seconds * rate))


def write_captions(cues: list[Cue]) -> None:
    for language in LANGUAGES:
        blocks = [f"{_time(cue.start)} --> {_time(cue.end)}\n{cue.captions[language]}" for cue in cues]
        text = "\n\n".join(["WEBVTT", *blocks]) + "\n"
        (COURSE / "captions" / f"lecture.{language}.vtt").write_text(text, encoding="utf-8")


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def put_together(narration: Narration, work: Path) -> None:
    voice, listed = work / "voice.wav", work / "slides.txt"
    with wave.open(str(voice), "wb") as wav:
        wav.setparams((1, SAMPLE_BYTES, narration.rate, 0, "NONE", ""))
        wav.writeframes(narration.sound)
    listed.write_text("\n".join(_listed(narration.slide_seconds, work)))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    command += ["-f", "concat", "-safe", "0", "-i", str(listed), "-i", str(voice)]
    command += ["-vf", "fps=10,format=yuv420p", "-c:v", "libx264", "-preset", "veryslow", "-tune", "stillimage"]
    # One thread: x264's choices depend on how many there are.
    command += ["-crf", "24", "-g", "300", "-threads", "1", "-c:a", "aac", "-b:a", "40k", "-ac", "1"]
    command += ["-t", f"{sum(narration.slide_seconds):.3f}"]
    command += ["-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"]
    subprocess.run([*command, str(COURSE / "media" / "lecture.mp4")], check=True)


def _listed(slide_seconds: list[float], work: Path) -> Iterator[str]:
    """A list for ffmpeg's concat, which wants the last picture named once more to give it its length."""
    for number, seconds in enumerate(slide_seconds, 1):
        yield f"file '{_slide_path(work, number)}'"
        yield f"duration {seconds:.3f}"
    yield f"file '{_slide_path(work, len(slide_seconds))}'"


def _slide_path(work: Path, number: int) -> Path:
    return work / f"slide-{number:02d}.png"


if __name__ == "__main__":
    main()
