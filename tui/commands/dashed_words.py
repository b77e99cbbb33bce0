"""Commands whose words may begin with a dash: what must not match, a tag to take away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from typer.core import TyperCommand


class DashedWords(TyperCommand):
    """Takes every `-word` that is no option of its own as a word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        flags = {*self.get_help_option_names(ctx)}
        valued: set[str] = set()
        for parameter in self.params:
            names = [name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("-")]
            (flags if getattr(parameter, "is_flag", False) else valued).update(names)
        return super().parse_args(ctx, with_words_last(args, flags, valued))


def with_words_last(args: Sequence[str], flags: Collection[str], valued: Collection[str]) -> list[str]:
    """`args` with the options first, then `--` and the words: those with a dash are taken for nothing else."""
    options: list[str] = []
    words: list[str] = []
    rest = iter(args)
    for each in rest:
        if each == "--":
            words += rest
        elif each in valued:
            options += [each, *([value] if (value := next(rest, None)) is not None else [])]
        elif each in flags or each.startswith("--") or (each[:2] in valued and each[2:].isdecimal()):
            options.append(each)
        else:
            words.append(each)
    return [*options, "--", *words]
