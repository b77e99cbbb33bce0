"""Who sits at this terminal."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """What the system calls this user; empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
