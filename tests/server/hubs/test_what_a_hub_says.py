"""What a hub says of itself is bounded before any table sees it."""

import pytest
from pydantic import ValidationError

from server.shapes.hubs import COUNT_MAX, SECONDS_MAX, HubState


@pytest.mark.parametrize("name", ["waiting", "oldest_seconds", "refused"])
def test_numbers_that_no_table_holds_are_no_state_of_a_hub(name: str) -> None:
    most = HubState(waiting=COUNT_MAX, oldest_seconds=SECONDS_MAX, refused=COUNT_MAX)
    for number in (-1, getattr(most, name) + 1, 10**400):
        with pytest.raises(ValidationError):
            HubState.model_validate(most.model_dump() | {name: number})
