"""xAPI 1.0.3 (IEEE 9274.1.1) out: what learners did and what it was worth, as statements that other systems read."""

from server.xapi.describing import Describing
from server.xapi.paging import StatementPlace, StatementQuery, find, one

__all__ = ["Describing", "StatementPlace", "StatementQuery", "find", "one"]
