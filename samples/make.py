"""Makes the sample course's media: pictures, the handout, and the narrated lecture with its captions.

    python -m samples.make

Slides and pictures are drawn by Chromium, the narration is spoken by espeak-ng, and both are put together by ffmpeg.
The results are committed; run this after a change of `lecture.yaml`, `handout.html` or `art.py`.
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
from tests.browser.chromium import launch

HERE = Path(__file__).parent
COURSE = HERE / "water-and-health"
PICTURES = ("glass", "path", "pot", "sun", "jar", "hands", "ors", "sign")
WIDTH, HEIGHT, PICTURE = 1280, 720, 480
WORDS_A_MINUTE, VOICE = "138", "en-gb"
PAUSE_SECONDS, SLIDE_PAUSE_SECONDS = 0.35, 0.9
GROUND = "margin:0;background:#F3EEE3;padding:24px;box-sizing:border-box"
SLIDE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: 1280px; height: 720px; display: grid; grid-template-columns: 780px 500px; align-items: center;
  background: #FFFDF8; color: #1B1F24; font: 34px/1.45 "Noto Sans", system-ui, sans-serif; }}
main {{ padding-left: 64px }} h1 {{ font-size: 58px; line-height: 1.15; margin: 0 0 32px; }}
ul {{ list-style: none; margin: 0; padding: 0 }} li {{ margin: 18px 0; padding-left: 44px; position: relative }}
li::before {{ content: ""; position: absolute; left: 0; top: 15px; width: 20px; height: 20px; border-radius: 6px;
  background: #E3A008 }} svg {{ width: 420px }} footer {{ position: fixed; left: 64px; bottom: 28px; font-size: 22px;
  color: #55626F }} .bar {{ position: fixed; left: 0; bottom: 0; height: 10px; background: #E3A008; width: {share}% }}
</style><main><h1>{title}</h1><ul>{points}</ul></main><div>{art}</div>
<footer>Water and health · {number} of {total}</footer><div class="bar"></div>"""


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: seconds from the lecture's beginning, and its words by language."""

    start: float
    end: float
    words: dict[str, str]


def main() -> None:
    slides = yaml.safe_load((HERE / "lecture.yaml").read_text())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder)
        browser = launch(playwright)
        draw_pictures(browser)
        print_handout(browser)
        draw_slides(browser, slides, work)
        browser.close()
        cues, lengths = speak(slides, work)
        write_captions(cues)
        put_together(lengths, work)


def draw_pictures(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": PICTURE, "height": PICTURE})
    for name in PICTURES:
        page.set_content(
            f'<body style="margin:0;background:#F3EEE3;padding:24px;box-sizing:border-box">{drawing(name)}'
        )
        page.screenshot(path=COURSE / "pictures" / f"{name}.png")
    page.close()


def print_handout(browser: Browser) -> None:
    page = browser.new_page()
    art = {name: drawing(name) for name in ("pot", "drop", "sun", "ors")}
    page.set_content((HERE / "handout.html").read_text().format(**art))
    page.pdf(path=COURSE / "handouts" / "safe-water.pdf", format="A4", print_background=True)
    page.close()


def draw_slides(browser: Browser, slides: list[dict[str, Any]], work: Path) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    for number, slide in enumerate(slides, 1):
        points = "".join(f"<li>{escape(point)}" for point in slide["points"])
        share = round(100 * number / len(slides))
        page.set_content(
            SLIDE.format(
                title=escape(slide["title"]),
                points=points,
                art=drawing(slide["art"]),
                number=number,
                total=len(slides),
                share=share,
            )
        )
        page.screenshot(path=work / f"slide-{number:02d}.png")
    page.close()


def speak(slides: list[dict[str, Any]], work: Path) -> tuple[list[Cue], list[float]]:
    """Speaks every line into one file; gives the captions and how long each slide stands."""
    cues: list[Cue] = []
    lengths: list[float] = []
    clock = 0.0
    with wave.open(str(work / "voice.wav"), "wb") as voice:
        for slide in slides:
            began = clock
            for english, arabic in zip(slide["say"], slide["ar"], strict=True):
                frames, rate = _spoken(english, work)
                if not cues:
                    voice.setparams((1, 2, rate, 0, "NONE", ""))
                seconds = len(frames) / 2 / rate
                cues.append(Cue(clock, clock + seconds, {"en": english, "ar": arabic}))
                voice.writeframes(frames + _silence(PAUSE_SECONDS, rate))
                clock += seconds + PAUSE_SECONDS
            voice.writeframes(_silence(SLIDE_PAUSE_SECONDS, rate))
            clock += SLIDE_PAUSE_SECONDS
            lengths.append(clock - began)
    return cues, lengths


def _spoken(words: str, work: Path) -> tuple[bytes, int]:
    line = work / "line.wav"
    subprocess.run(["espeak-ng", "-v", VOICE, "-s", WORDS_A_MINUTE, "-g", "3", "-w", line, words], check=True)
    with wave.open(str(line)) as spoken:
        return spoken.readframes(spoken.getnframes()), spoken.getframerate()


def _silence(seconds: float, rate: int) -> bytes:
    return bytes(2 * int(seconds * rate))


def write_captions(cues: list[Cue]) -> None:
    for language in ("en", "ar"):
        lines = ["WEBVTT", ""]
        for cue in cues:
            lines += [f"{_time(cue.start)} --> {_time(cue.end)}", cue.words[language], ""]
        (COURSE / "captions" / f"lecture.{language}.vtt").write_text("\n".join(lines))


def _time(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):02d}:{rest:06.3f}"


def put_together(lengths: list[float], work: Path) -> None:
    listed = work / "slides.txt"
    listed.write_text("\n".join(_listed(lengths, work)))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    command += ["-f", "concat", "-safe", "0", "-i", str(listed), "-i", str(work / "voice.wav")]
    command += ["-vf", "fps=10,format=yuv420p", "-c:v", "libx264", "-preset", "veryslow", "-tune", "stillimage"]
    command += ["-crf", "24", "-g", "300", "-threads", "1", "-c:a", "aac", "-b:a", "40k", "-ac", "1", "-shortest"]
    command += ["-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"]
    subprocess.run([*command, str(COURSE / "media" / "lecture.mp4")], check=True)


def _listed(lengths: list[float], work: Path) -> Iterator[str]:
    for number, length in enumerate(lengths, 1):
        yield f"file '{work / f'slide-{number:02d}.png'}'"
        yield f"duration {length:.3f}"
    yield f"file '{work / f'slide-{len(lengths):02d}.png'}'"


if __name__ == "__main__":
    main()
