"""What is shown of a code pointer: note, place and commit, what became of the code, and the text as it stood. Pure."""

from __future__ import annotations

from journal.code_matching import Match, Standing
from journal.code_now import CodeNow
from journal.pointing import lines_of, lines_told
from journal.types import Pointer
from tui.documents import Code, CodeLine, Document, Facts, Links, Prose, Title
from tui.formatting import local_time

_ROLES = {
    Standing.same: "good",
    Standing.moved: "warn",
    Standing.changed: "warn",
    Standing.gone: "bad",
    Standing.away: "dim",
}
_SHOWN_OF_COMMIT = 10  # digits
_ROLE_OF_SIGN = {"+": "good", "-": "bad"}


def pointer_document(pointer: Pointer, now: CodeNow, marks: tuple[tuple[str, str], ...] = ()) -> Document:
    """The pointer, and what became of its code, as `code_now.look` found it; `marks` are facts that any item has."""
    commit = f"commit {pointer.commit_id[:_SHOWN_OF_COMMIT]}" if pointer.commit_id else "no commit"
    return Document(
        pointer.ref,
        (
            Title(pointer.title),
            Facts((
                (str(pointer.ref), "ref"),
                (f"{pointer.path}:{lines_told(pointer.first_line, pointer.last_line)}", ""),
                (f"{commit}, with changes" if pointer.is_changed else commit, "dim"),
                (pointer.repository, "dim"),
                (local_time(pointer.created_at), "dim"),
                *marks,
            )),
            Facts(((standing_told(pointer, now), _ROLES[now.standing]),)),
            Prose("Note", pointer.note),
            Links("Links", pointer.links),
            Code("What changed", _difference_lines(now.match)),
            Code("As it stood", _numbered(pointer)),
        ),
    )  # fmt: skip


def standing_told(pointer: Pointer, now: CodeNow) -> str:
    """What became of the code, in a sentence."""
    match = now.match
    if match.first is None or match.last is None:
        word = "Not at hand" if now.standing is Standing.away else "Gone"
        return f"{word}: {now.reason}"
    where = f"line{'s' if match.last > match.first else ''} {lines_told(match.first, match.last)}"
    if now.path != pointer.path:
        where = f"{now.path}, {where}"
    if now.standing is Standing.same:
        return "The code stands as it was."
    if now.standing is Standing.moved:
        return f"The same code is now in {where}."
    stayed = now.path == pointer.path and match.first == pointer.first_line
    return f"The code has changed, in {where}." if stayed else f"The code has moved to {where} and changed."


def _difference_lines(match: Match) -> tuple[CodeLine, ...]:
    lines = [
        CodeLine(f"{line.sign}{line.number}" if line.sign.strip() else f"·{line.number}", line.text,
                 _ROLE_OF_SIGN.get(line.sign, "dim"))
        for line in match.difference
    ]  # fmt: skip
    if match.unshown:
        lines.append(CodeLine("", f"and {match.unshown:,} more lines", "dim"))
    return tuple(lines)


def _numbered(pointer: Pointer) -> tuple[CodeLine, ...]:
    return tuple(CodeLine(str(number), line) for number, line in enumerate(lines_of(pointer.text), pointer.first_line))
