"""What the door has read is read by consumers a moment later: kept until then, within a bound of memory."""

from collections import OrderedDict
from threading import Lock

from sync.codec.decoding import Columns, columns_of

OPERATIONS_MAX = 131_072  # some 30 MB; a crowd of a thousand weeks
OF_ONE_MAX = 1_024  # a larger change is read again: it would drive out the weeks of a dozen learners
OF_A_CHANGE = 16  # what one costs beside its operations, in operations
BYTES_OF_AN_OPERATION = 128  # long values count as so many more


class Recent:
    """The last changes that were read, by their bodies; the oldest go first. Any thread may ask."""

    def __init__(self, operations_max: int = OPERATIONS_MAX) -> None:
        self._left = operations_max
        self._kept: OrderedDict[bytes, Columns] = OrderedDict()
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def columns(self, body: bytes) -> Columns:
        """What `columns_of` gives, and raises."""
        columns = self._kept.get(body)
        if columns is None:
            columns = columns_of(body)
            if _size(body, columns) <= OF_ONE_MAX:
                self._keep(body, columns)
        return columns

    def _keep(self, body: bytes, columns: Columns) -> None:
        with self._turn:
            if body not in self._kept:  # two may have read it at once
                self._kept[body] = columns
                self._left -= _size(body, columns)
            while self._left < 0:
                self._left += _size(*self._kept.popitem(last=False))


def _size(body: bytes, columns: Columns) -> int:
    return OF_A_CHANGE + len(columns.keys) + len(body) // BYTES_OF_AN_OPERATION


columns_once = Recent().columns
