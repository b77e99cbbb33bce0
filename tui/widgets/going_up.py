"""Waiting until what was said to a part of the screen has gone all the way up to the app."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from textual.message_pump import MessagePump

_LOOK_AGAIN_S = 0.01  # whether a part that was spoken to is closing


async def gone_up(part: MessagePump, *, to: MessagePump | None = None) -> None:
    """Wait until each part from `part` up `to` that one, or to the app, has heard what it was sent so far."""
    above: Any = part
    while above is not None:
        await passed(above)
        above = None if above is to else above._parent


async def passed(part: MessagePump) -> None:
    """Wait until `part` has handled what it was sent so far; a part that closes hears nothing more."""
    heard = asyncio.Event()
    if not part.call_later(heard.set):
        return
    while not heard.is_set() and not part._closing:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(heard.wait(), _LOOK_AGAIN_S)
