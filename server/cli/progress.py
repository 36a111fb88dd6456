"""Progress of packing on a terminal: one line for what is being made, one for the whole course."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class TerminalProgress:
    """Implements `offline_bundles.Progress`. Rungs are encoded side by side, so several lines may move at once.

    Without a terminal it says nothing: logs and pipes get the report alone.
    """

    def __init__(self) -> None:
        columns = (TextColumn("{task.description:32}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        console = Console(stderr=True)
        self._bars = Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}
        self._whole = self._bars.add_task("The course", total=None)

    def __enter__(self) -> "TerminalProgress":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def step(self, label: str, done: int, total: int) -> None:
        if " " not in label:  # an activity's id: a step of the whole; files carry their rendition's name
            self._bars.update(self._whole, completed=done, total=total)
            return
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total)
        self._bars.update(self._tasks[label], completed=done, visible=done < total)
