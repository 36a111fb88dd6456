"""What a home folder is called where several machines share one PostgreSQL.

A folder to pack, and what is encoded of it, are on one machine: who asks there is served there.
"""

import os
import secrets
from pathlib import Path

NAME = "packing.id"
NAME_BYTES = 6


def name_of(home: Path) -> str:
    """The same for ever; given when it is asked for first, by whichever process comes first."""
    path = home / NAME
    if not path.exists():
        draft = home / f".{NAME}-{secrets.token_hex(NAME_BYTES)}"
        draft.write_text(secrets.token_hex(NAME_BYTES))
        try:
            os.link(draft, path)  # whole or not at all, and never in the place of another's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
