"""The journal as a file: init, paths, doctor, backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui import context
from tui.commands.options import Json
from tui.output import note, show, show_json, show_table


def init() -> None:
    """Make a journal, where there is none yet."""
    from journal import db

    where = context.paths()
    existed = where.journal.exists()
    db.connect(where).close()
    show(f"{'Your journal is' if existed else 'Made a journal'}: {where.journal}")
    if not existed:
        note("Next: journal feed add cs.LG, then journal feed fetch; or see it filled: journal demo")


def paths(json: Json = False) -> None:
    """Show where everything is kept."""
    where = context.paths()
    named = {
        "journal": where.journal,
        "backups": where.backups,
        "spool": where.spool,
        "mlflow": where.mlflow,
        "settings": where.settings,
        "log": where.log,
        "cache": where.cache,
    }
    if json:
        show_json({name: str(path) for name, path in named.items()})
        return
    show_table(
        ("what", "exists", "where"),
        [(name, "yes" if _is_there(path) else "no", str(path)) for name, path in named.items()],
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long
        return False


def doctor(
    rebuild_search: Annotated[bool, typer.Option("--rebuild-search", help="Make the search index anew.")] = False,
    json: Json = False,
) -> None:
    """Check that the journal is sound."""
    from journal import db
    from journal.recorder import metric_file, spool
    from journal.store import backup
    from tui import left_points

    where = context.begin()
    with db.wrapped_errors(where.journal):
        connection = db.connect(where)
        try:
            if rebuild_search:
                backup.rebuild_search(connection)
            findings = backup.examine(connection, where)
        finally:
            connection.close()
    waiting = len(spool.pending(where.spool))
    refused = len(list((where.spool / "refused").glob("*"))) if where.spool.exists() else 0
    points, lost = left_points.waiting_words(where), left_points.refused_words(where)
    findings += (
        backup.Finding("spool", waiting == 0, f"{waiting} events wait", "Any command takes them in."),
        backup.Finding("refused events", refused == 0, f"{refused}", f"Look at {where.spool / 'refused'}"),
        backup.Finding("points", not points, points or "0 points wait", "journal runs sync brings them there now."),
        backup.Finding(
            "refused points", not lost, lost or "0", f"They are kept in {metric_file.refused_in(where.spool)}"
        ),
    )
    if json:
        show_json(findings)
    else:
        show_table(
            ("", "what", "state"),
            [
                ("ok" if finding.is_sound else "!!", finding.name,
                 finding.message if finding.is_sound else f"{finding.message}. {finding.advice}")
                for finding in findings
            ],
        )  # fmt: skip
    if not all(finding.is_sound for finding in findings):
        raise typer.Exit(1)


def backup(file: Annotated[Path | None, typer.Argument(help="Where to; default: among the backups.")] = None) -> None:
    """Copy the whole journal, while others may write to it."""
    from journal.store import backup

    show(str(backup.back_up(context.begin(), file)))
