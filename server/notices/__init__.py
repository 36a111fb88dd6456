"""Notifications: a consumer makes them of what the log says, and a delivery sends them."""

from server.notices.consumer import Notices
from server.notices.delivery import Delivery

__all__ = ["Delivery", "Notices"]
