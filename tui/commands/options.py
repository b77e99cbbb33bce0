"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

History = Annotated[bool, typer.Option("--history", help="Also the texts that were replaced.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MOST_ROWS = 1_000_000  # more than any journal holds, and a number that SQLite takes
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="How many at the most.")]
