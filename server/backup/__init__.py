"""Backing a home up while it is in use, and putting one back. docs/restore.md."""

from server.backup.home import finish_restore, in_use
from server.backup.restoring import Restored, restore
from server.backup.taking import BackedUp, back_up

__all__ = ["BackedUp", "Restored", "back_up", "finish_restore", "in_use", "restore"]
