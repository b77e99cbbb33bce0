"""What SQLite can keep of a text that came from outside."""

from __future__ import annotations


def storable(text: str) -> str:
    """Without lone surrogates, which JSON may spell and no UTF-8 holds, and NUL, at which SQLite stops reading."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
