"""How long a run trained, as SQL: from its start to its end, without the pauses between the sessions that it had."""

from __future__ import annotations

# Until when it was worked on without a break is asked before each session: sessions may lie within each other, as
# a trial does within its launch. What goes on has no end yet. Most runs had one session, which is soon seen.
PAUSED_S = """
    CASE WHEN (SELECT count(*) FROM session_run WHERE session_run.item_id = run.item_id) < 2 THEN 0 ELSE coalesce((
        SELECT round(sum(max(0, julianday(begun) - julianday(max(until, run.started_at)))) * 86400, 3) FROM (
            SELECT session.started_at AS begun, max(
                coalesce(session.ended_at, CASE WHEN exit IS NULL THEN '9999-12-31' ELSE session.started_at END)
            ) OVER (
                ORDER BY session.started_at, session.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS until
            FROM session_run JOIN session ON session.id = session_id WHERE session_run.item_id = run.item_id
        ) WHERE begun <= coalesce(run.ended_at, begun)
    ), 0) END
"""
"""Seconds between the sessions of a row of `run` in which nobody worked on it."""

TOOK_S = f"""
    round(max(0, (
        julianday(coalesce(run.ended_at, CASE run.status WHEN 'running' THEN ? END)) - julianday(run.started_at)
    ) * 86400 - {PAUSED_S}), 3)
"""
"""Seconds that a run trained or, where it goes on, has trained until the moment that is the parameter."""
