"""Photographs that answer a question: taken in piece by piece, looked at before anyone is shown them."""

from server.pictures.carrying import carry
from server.pictures.finding import shown_of, states
from server.pictures.taking import Held, sender, take

__all__ = ["Held", "carry", "sender", "shown_of", "states", "take"]
