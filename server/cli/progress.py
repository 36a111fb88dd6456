"""Progress on a terminal: a line for each thing that is being made, with the time that is left, in 80 columns.

Without a terminal nothing is said: logs and pipes get the report alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

LABEL_WIDTH = 36  # a file's name and its rung; with what stands behind it a line of 80 columns is full
BAR_WIDTH = 16
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
COLUMNS = (TextColumn("{task.description}", markup=False), BarColumn(BAR_WIDTH))
PERCENT = TextColumn("{task.percentage:>3.0f}%")
WHOLE = "The course"


def clipped(label: str, width: int = LABEL_WIDTH) -> str:
    """Just as wide; what is too long loses its middle, since a name's ends tell it from others."""
    if len(label) <= width:
        return label.ljust(width)
    head = width // 3
    return f"{label[:head]}{ELLIPSIS}{label[len(label) - (width - head - 1) :]}"


class Left(ProgressColumn):
    """The time that is left, by how fast it went so far; nothing before that can be told."""

    max_refresh = TimeRemainingColumn.max_refresh

    def render(self, task: Task) -> Text:
        seconds = task.time_remaining
        if seconds is None or task.finished:
            return Text()
        minutes, seconds = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return Text(f"{clock} left", style="progress.remaining")


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """One bar alone, to be told how far things are."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.update(task, completed=done)


class TerminalProgress:
    """Implements `offline_bundles.Progress`. Rungs are encoded side by side, so several lines may move at once."""

    def __init__(self, share: ProgressColumn = PERCENT) -> None:
        console = Console(stderr=True)
        self._bars = Progress(*COLUMNS, share, Left(), console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}
        self._whole = self._bars.add_task(clipped(WHOLE), total=None)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def step(self, label: str, done: int, total: int) -> None:
        if " " not in label:  # an activity's id: a step of the whole; files carry their rendition's name
            self.whole(WHOLE, done, total)
            return
        self.show(label, done, total)
        if done >= total:
            self.hide(label)

    def whole(self, label: str, done: int, total: int) -> None:
        """The first line, for whatever is being done of it now."""
        self._bars.update(self._whole, description=clipped(label), completed=done, total=total)

    def show(self, label: str, done: int, total: int) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(clipped(label), total=total)
        self._bars.update(self._tasks[label], completed=done, total=total, visible=True)

    def hide(self, label: str) -> None:
        if label in self._tasks:
            self._bars.update(self._tasks[label], visible=False)
