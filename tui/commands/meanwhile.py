"""While it trains: what runs, and what to read, answer and prepare until it ends."""

from __future__ import annotations

from tui import context
from tui.commands.options import Json
from tui.output import note, show_json, show_table


def meanwhile(json: Json = False) -> None:
    """What trains now, and what to do until it ends."""
    from journal.clock import now
    from journal.queries.meanwhile import read_meanwhile
    from tui.meanwhile_words import todos

    moment = now()
    with context.reading() as connection:
        found = read_meanwhile(connection, moment)
    rows = todos(found, moment)
    context.remember_list([row.ref for row in rows if row.ref is not None])
    if json:
        show_json(found)
        return
    cells = [(row.what, str(row.ref or ""), row.title, row.why) for row in rows]
    show_table(("", "ref", "what", ""), cells, grows=2)
    if not found.training:
        note("Nothing trains now.")
