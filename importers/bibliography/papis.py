"""A papis library: a folder for each document, with `info.yaml` in it.

Its keys are BibTeX's field names, its values plain text (papis/papis, doc/source/bibtex.rst). YAML is read by PyYAML,
which wrote it; `BaseLoader` makes texts, lists and mappings, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from importers.bibliography.bibtex_fields import item_of
from importers.bibliography.record import RawRecord, refusal
from journal import csl
from journal.citing.fields import is_free

LARGEST_INFO = 1024 * 1024  # bytes
MOST_DOCUMENTS = 200_000
_DEEPEST = 500  # brackets inside of brackets; an unbalanced abstract has a few
_NOT_OF_THE_WORK = frozenset(
    {"author_list", "editor_list", "files", "notes", "papis_id", "ref", "tags", "time-added", "type"}
)
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def is_library(folder: Path) -> bool:
    return next(_info_files(folder), None) is not None


def read(folder: Path) -> Iterator[RawRecord | str]:
    """Each document, or a refusal with its folder and reason, in the order of the folders' names."""
    for number, file in enumerate(sorted(_info_files(folder)), start=1):
        position = str(file.parent.relative_to(folder))
        if number > MOST_DOCUMENTS:
            yield refusal(
                position, "", f"more than {MOST_DOCUMENTS:,} documents; this one and those behind it are left"
            )
            return
        try:
            yield _record(_document(file), file.parent, position)
        except OSError as error:
            yield refusal(position, "", f"info.yaml cannot be read: {error.strerror or error}")
        except ValueError as error:
            yield refusal(position, "", str(error))


def _info_files(folder: Path) -> Iterator[Path]:
    """papis libraries may be nested; links are not followed, since they may lead around in a circle."""
    for inner, folders, files in folder.walk() if hasattr(folder, "walk") else _walked(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if "info.yaml" in files:
            yield inner / "info.yaml"


def _walked(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Path.walk, which Python 3.11 lacks."""
    import os

    for inner, folders, files in os.walk(folder):
        yield Path(inner), folders, files


def _document(file: Path) -> dict[str, Any]:
    if not file.is_file():  # opening a pipe would wait for ever
        raise ValueError("info.yaml is no file")
    with file.open("rb") as opened:
        content = opened.read(LARGEST_INFO + 1)
    if len(content) > LARGEST_INFO:
        raise ValueError(f"info.yaml is larger than {LARGEST_INFO:,} bytes")
    # libyaml takes quadratic time for brackets inside of brackets, and its composer ends the process.
    if _depth(content) > _DEEPEST:
        raise ValueError("info.yaml is nested too deeply")
    try:
        # papis writes no aliases, and by them a small file becomes a large one.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, Loader=_Loader)):
            raise ValueError("info.yaml has aliases, which papis does not write")
        document = yaml.load(content, Loader=_Loader)
    except RecursionError:
        raise ValueError("info.yaml is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"info.yaml is damaged: {error.problem or 'not YAML'}{line}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise ValueError("info.yaml is not YAML") from error
    if not isinstance(document, dict):
        raise ValueError("info.yaml holds no fields")
    return {str(key): value for key, value in document.items()}


def _depth(content: bytes) -> int:
    """How deep the document can be nested at the most: by brackets, and by blanks in front of its lines."""
    deepest = depth = 0
    for bracket in re.findall(rb"[\[\]{}]", content):
        depth = depth + 1 if bracket in b"[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    dashes = max((len(dashes) // 2 for dashes in re.findall(rb"^(?:[ ]|[-?:][ ])*", content, re.MULTILINE)), default=0)
    return max(deepest, dashes)


def _record(document: dict[str, Any], folder: Path, position: str) -> RawRecord:
    names = {role: people for role in ("author", "editor") if (people := _names(document.get(f"{role}_list")))}
    fields: dict[str, str] = {}
    custom: dict[str, Any] = {}
    left_out: list[str] = []
    for key, value in document.items():
        name = key.lower()
        if name in _NOT_OF_THE_WORK or name in names or value in ("", [], {}):
            continue
        if isinstance(value, str):
            fields[name] = value
        elif is_free(name):
            custom[name] = value
        else:
            left_out.append(f"its {name!r} is no text.")
    entry = document.get("type")
    read = item_of(entry if isinstance(entry, str) else "misc", fields, is_tex=False)
    item: csl.Item = {**read.item, **names}
    if custom:
        item["custom"] = {**read.item.get("custom", {}), **custom}
    ref = document.get("ref")
    return RawRecord(
        position,
        item,
        key=ref if isinstance(ref, str) else "",
        tags=_tags(document.get("tags")),
        notes=_notes(document.get("notes"), folder),
        files=tuple(str(folder / name) for name in _texts(document.get("files"))),
        left_out=(*left_out, *read.left_out),
    )


def _names(people: Any) -> list[dict[str, str]]:
    """`author_list`; in older libraries the parts of a name are `given_name` and `surname`."""
    found = []
    for person in people if isinstance(people, list) else []:
        if isinstance(person, dict):
            family, given = (
                person.get("family") or person.get("surname"),
                person.get("given") or person.get("given_name"),
            )
            found.append({"family": str(family or ""), "given": str(given or "")})
    return found


def _tags(tags: Any) -> tuple[str, ...]:
    """A list, or in older libraries words in one text."""
    if isinstance(tags, str):
        return tuple(tags.split("," if "," in tags else None))
    return _texts(tags)


def _notes(name: Any, folder: Path) -> tuple[str, ...]:
    """The text of the notes file, which lies beside `info.yaml`."""
    if not isinstance(name, str) or not name or Path(name).name != name:
        return ()
    file = folder / name
    if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST_INFO:
        return ()
    return (file.read_text(encoding="utf-8", errors="replace"),)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
