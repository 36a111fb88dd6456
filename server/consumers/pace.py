"""How much a slice of work behind the log may hold: a slice is what an exchange may have to wait for."""

SLICE_SECONDS = 0.04  # of the processor
SLICE_MAX = 1_024  # beyond it a slice costs hardly less for each
SLICE_FIRST = 64
SLICE_MIN = 1  # events come by the hundred in one entry


class Pace:
    """So many as were lately done in `SLICE_SECONDS`."""

    def __init__(self) -> None:
        self._whole = SLICE_FIRST

    def fitting(self, seconds: float) -> int:
        """How many to take on when there is so much time."""
        return max(SLICE_MIN, int(self._whole * seconds / SLICE_SECONDS))

    def took(self, count: int, spent: float, *, of: float) -> None:
        """Shrinks after a slice that took longer `of` its seconds than it should; grows, twofold, after a full one that
        took less than half of them."""
        if spent > of:
            self._whole = max(SLICE_MIN, int(self._whole * of / spent))
        elif count >= self.fitting(of) and spent < of / 2:
            self._whole = min(SLICE_MAX, 2 * self._whole)
