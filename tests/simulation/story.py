"""What happened in a world, in lines that a person can read, so that a failing seed explains itself."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass
class Story:
    """One line for each thing that happened, with the world's own time."""

    seed: int
    kind: str = "small"
    lines: list[str] = field(default_factory=list)

    def tell(self, now_ms: int, line: str) -> None:
        moment = datetime.fromtimestamp(now_ms / 1000, UTC)
        self.lines.append(f"{len(self.lines) + 1:4} {moment:%a %H:%M:%S}  {line}")

    def add(self, more: str) -> None:
        """How the thing that was told last went."""
        self.lines[-1] += f": {more}"

    def __str__(self) -> str:
        return "\n".join((f"The story of seed {self.seed}:", *self.lines))


class Failed(AssertionError):
    """An invariant did not hold; says which, and the story that led there."""

    def __init__(self, story: Story, violation: "Violation") -> None:
        kind = "" if story.kind == "small" else f" WORLDS={story.kind}"
        again = f"make simulate SEEDS=1 FIRST_SEED={story.seed}{kind}"
        super().__init__(f"{violation}\n\n{story}\n\nAgain: {again}")
        self.invariant = violation.invariant
        self.seed = story.seed


class Violation(AssertionError):
    """What does not hold, by the invariant's number in the design: I1 to I18."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant} does not hold: {what}")
        self.invariant = invariant


def holds(invariant: str, fact: bool, what: str) -> None:
    if not fact:
        raise Violation(invariant, what)
