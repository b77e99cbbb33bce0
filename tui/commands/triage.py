"""Triage: what one wants with papers, and with every paper of an author, a category or a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from journal.ranking import Effect
from journal.triage import Preview, Target, counted_over, names_target, parse_target
from journal.types import DayOrder, Kind, PaperState, Ref
from tui import context
from tui.commands.options import Json
from tui.formatting import clipped, counted, printable, readable
from tui.output import note, show, show_json, show_table

if TYPE_CHECKING:
    import sqlite3

    from journal.paths import Paths

_MOST_NAMED = 8  # refs in one sentence


class TriageVerb(StrEnum):
    """What one wants with a paper; the same verbs as the keys."""

    keep = "keep"
    queue = "queue"
    skip = "skip"
    mute = "mute"


STATE_OF_VERB = {
    TriageVerb.keep: PaperState.kept,
    TriageVerb.queue: PaperState.queued,
    TriageVerb.skip: PaperState.skipped,
    TriageVerb.mute: PaperState.muted,
}


class RuleVerb(StrEnum):
    """What one wants with every paper of an author, a category or a phrase."""

    more = "more"
    less = "less"
    mute = "mute"
    clear = "clear"


EFFECT_OF_VERB = {RuleVerb.more: Effect.plus, RuleVerb.less: Effect.minus, RuleVerb.mute: Effect.mute}
VERB_OF_EFFECT = {effect: verb for verb, effect in EFFECT_OF_VERB.items()}


def triage(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT... VERB",
            help="Papers, then keep, queue, skip or mute. Or au:NAME, cat:cs.CV, phrase:WORDS, then more, less, mute "
            "or clear. Or 'rules', which lists the rules.",
        ),
    ],
    above: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Every new paper above this one: of today, or by @4 of the list shown last."),
    ] = None,
    order: Annotated[
        DayOrder, typer.Option(help="With --above: the order of the list that you look at.")
    ] = DayOrder.rank,
    preview: Annotated[
        bool, typer.Option("--preview", help="Change nothing: show what a rule, or --above, speaks of.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what you want with papers: journal triage p3 p4 queue."""
    *mentions, verb = _joined(arguments)
    if verb == "rules" and not mentions and above is None:
        _list_rules(json)
        return
    of_rules = [names_target(mention) for mention in mentions]
    if any(of_rules):
        if not all(of_rules) or above is not None:
            raise typer.BadParameter("papers and rules are two things: name one or the other")
        if verb not in RuleVerb.__members__:
            raise typer.BadParameter("after an author, category or phrase write one of more, less, mute, clear")
        _rule([parse_target(mention) for mention in mentions], RuleVerb(verb), is_preview=preview, json=json)
        return
    if verb not in TriageVerb.__members__ or not (mentions or above):
        raise typer.BadParameter("write the papers first, then one of keep, queue, skip, mute")
    if above is not None and mentions:
        raise typer.BadParameter("name papers, or --above one of them, and not both")
    if above is not None:
        _decide_above(above, TriageVerb(verb), order, is_preview=preview, json=json)
    elif preview and verb != TriageVerb.mute:
        raise typer.BadParameter("--preview goes with a rule such as cat:cs.CV, with --above, or with papers and mute")
    elif preview:
        _preview_muting(mentions, json)
    else:
        _decide(mentions, TriageVerb(verb), json)


def _joined(arguments: Sequence[str]) -> list[str]:
    """`phrase: "chain of thought"` is one target, though a shell hands over two words."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1].endswith(":") and names_target(joined[-1]):
            joined[-1] += argument
        else:
            joined.append(argument)
    return joined


# ---------------------------------------------------------------- papers


def _decide(mentions: Sequence[str], verb: TriageVerb, json: bool) -> None:
    from journal.queries.papers import get_paper
    from journal.store import papers
    from journal.store.changes import change

    state = STATE_OF_VERB[verb]
    where = context.begin()
    with change(where, verb) as made:
        refs = list(dict.fromkeys(context.resolve(made.connection, mention) for mention in mentions))
        made.summary = f"{verb} {' '.join(map(str, refs))}"
        for ref in refs:
            papers.set_state(made, ref, state)
        rows = [get_paper(made.connection, ref) for ref in refs]
    if json:
        show_json(rows)
    else:
        show(f"{' '.join(map(str, refs))}: {state}")
    _rank_where_due(where)


def _decide_above(mention: str, verb: TriageVerb, order: DayOrder, *, is_preview: bool, json: bool) -> None:
    from journal.queries.lists import paper_rows_of
    from journal.store.changes import change
    from journal.store.triage import decide_new

    state = STATE_OF_VERB[verb]
    where = context.begin()
    if is_preview:
        with context.reading() as connection:
            ref, refs = _above(connection, mention, order)
            rows = paper_rows_of(connection, refs)
    else:
        with change(where, verb) as made:
            ref, refs = _above(made.connection, mention, order)
            decide_new(made, refs, state)
            made.summary = f"{verb} {counted(len(refs), 'paper')} above {ref}"
            rows = paper_rows_of(made.connection, refs)
    if json:
        show_json(rows)
    elif refs:
        does = f"would be {state}" if is_preview else state
        named = " ".join(map(str, refs[:_MOST_NAMED])) + (" ..." if len(refs) > _MOST_NAMED else "")
        show(f"{counted(len(refs), 'paper')} above {ref}: {does} ({named})")
    if not refs:
        context.nothing_found(f"Nothing new stands above {ref}.", "")
    shown = set(context.remembered().rows)
    if unseen := sum(each not in shown for each in refs):
        note(f"{unseen:,} of them {'was' if unseen == 1 else 'were'} not in the list shown last.")
    if not is_preview:
        _rank_where_due(where)


def _above(connection: sqlite3.Connection, mention: str, order: DayOrder) -> tuple[Ref, list[Ref]]:
    """The paper that is named, and the new ones above it.

    A row is one of the list that was on the screen: whatever arrived or was ranked since has no part in it.
    Raises NotFound where a paper that is named otherwise is not in today's list.
    """
    from journal.errors import NotFound
    from journal.queries.today import list_today, today_numbers, today_position
    from journal.refs import RowNumber, parse_mention

    ref = context.resolve(connection, mention, Kind.paper)
    named = parse_mention(mention)
    if isinstance(named, RowNumber):
        new = set(today_numbers(connection))
        rows = context.remembered().rows[: named.row - 1]
        return ref, [each for each in rows if each.kind is Kind.paper and each.number in new]
    position = today_position(connection, ref, order=order)
    if position is None:
        raise NotFound(f"{ref} is not in today's list.", hint="'journal today' shows what is.")
    return ref, [paper.ref for paper in list_today(connection, order=order, limit=position)]


def _preview_muting(mentions: Sequence[str], json: bool) -> None:
    """What muting the authors, categories or phrases of papers would hide."""
    from journal.queries.triage import text_of
    from journal.triage import suggested

    with context.reading() as connection:
        texts = [text_of(connection, context.resolve(connection, mention, Kind.paper)) for mention in mentions]
    targets = {target.key: target for text in texts for target in suggested(text)}
    _show_previews([(each, None) for each in _previews(list(targets.values()), Effect.mute)], json)


def _rank_where_due(where: Paths) -> None:
    """Every ten decisions, and after each change of a rule, the order is worked out anew."""
    from journal.clock import now
    from journal.queries.triage import read_day
    from journal.store.rankings import rank_new

    with context.reading() as connection:
        is_due = read_day(connection, now()).is_ranking_due
    if is_due:
        rank_new(where)


# ---------------------------------------------------------------- rules


def _rule(targets: Sequence[Target], verb: RuleVerb, *, is_preview: bool, json: bool) -> None:
    if is_preview:
        if verb is RuleVerb.clear:
            raise typer.BadParameter("--preview goes with more, less and mute")
        _show_previews([(each, None) for each in _previews(targets, EFFECT_OF_VERB[verb])], json)
    elif verb is RuleVerb.clear:
        _clear(targets, json)
    else:
        _make(targets, verb, json)


def _previews(targets: Sequence[Target], effect: Effect) -> list[Preview]:
    from journal.clock import now
    from journal.queries.triage import preview, recent

    with context.reading() as connection:
        window = recent(connection, now())
        return [preview(connection, target.rule(effect), window) for target in targets]


def _make(targets: Sequence[Target], verb: RuleVerb, json: bool) -> None:
    from journal.store import rules
    from journal.store.changes import change

    effect = EFFECT_OF_VERB[verb]
    previews = _previews(targets, effect)
    where = context.begin()
    with change(where, f"{verb} {', '.join(map(str, targets))}") as made:
        muted = [rules.add(made, effect, target) for target in targets]
    _show_previews(list(zip(previews, muted, strict=True)), json)
    _rank_where_due(where)


def _clear(targets: Sequence[Target], json: bool) -> None:
    from journal.store import rules
    from journal.store.changes import change

    where = context.begin()
    with change(where, f"clear {', '.join(map(str, targets))}") as made:
        cleared = [rules.clear(made, target) for target in targets]
    if json:
        show_json(cleared)
    else:
        for rule in cleared:
            show(f"No rule any more: {VERB_OF_EFFECT[rule.effect]} {_name(rule.field, rule.value)}")
        if any(rule.effect is Effect.mute for rule in cleared):
            note("What it muted stays muted: journal paper list --state muted")
    _rank_where_due(where)


def _show_previews(shown: Sequence[tuple[Preview, int | None]], json: bool) -> None:
    """What rules speak of, and how many new papers they muted; None where nothing was changed."""
    if json:
        show_json([_object(preview, muted) for preview, muted in shown])
        return
    for preview, muted in shown:
        rule = preview.rule
        name = f"{VERB_OF_EFFECT[rule.effect]} {_name(rule.field, rule.value)}"
        show(name if muted is None else f"Rule made: {name}")
        if muted:
            show(f"  {counted(muted, 'new paper')} muted by it; 'journal undo' takes back rule and papers.")
        dear = f", {preview.kept:,} of them kept and {preview.queued:,} queued" if preview.speaks_of else ""
        does = "would have hidden" if rule.effect is Effect.mute else "speaks of"
        show(f"  {does} {preview.speaks_of:,} of {counted_over(preview)}{dear}")
        for title, state in zip(preview.titles, preview.states, strict=True):
            mark = f"{state}  " if state in {PaperState.kept, PaperState.queued} else ""
            show(f"    {mark}{clipped(printable(readable(title[:400])), 100)}")


def _object(preview: Preview, muted: int | None) -> dict[str, object]:
    rule, counts = context.json_of(preview.rule), context.json_of(preview)
    counts.pop("rule")
    return {**rule, **counts, **({} if muted is None else {"muted": muted})}


def _name(field: str, value: str) -> str:
    from journal.ranking import RuleField

    return printable(str(Target(RuleField(field), value)))


def _list_rules(json: bool) -> None:
    from journal.clock import now
    from journal.queries.triage import previews_of_rules

    with context.reading() as connection:
        found = previews_of_rules(connection, now())
    if json:
        show_json([_object(preview, None) for preview in found])
    elif found:
        show_table(
            ("rule", "about", "papers", "kept", "queued"),
            [
                (
                    VERB_OF_EFFECT[preview.rule.effect],
                    _name(preview.rule.field, preview.rule.value),
                    f"{preview.speaks_of:,}",
                    f"{preview.kept:,}",
                    f"{preview.queued:,}",
                )
                for preview in found
            ],
            grows=1,
            spare=(4, 3),
        )
        note(f"Counted over {counted_over(found[0])}.")
    if not found:
        context.nothing_found("There are no rules.", 'journal triage "phrase:survey" mute --preview')
