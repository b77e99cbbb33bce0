"""The flat YAML files of a file store: names and single values.

They are read as a stream of events and never built as a document: so no alias multiplies anything, no
nesting is followed, and no tag makes an object.
"""

from __future__ import annotations

import yaml

MOST_BYTES = 64 * 1024


def read_flat(content: bytes) -> dict[str, str]:
    """The values of the outermost mapping that are plain texts or numbers, as they are written; null is left out.

    Raises ValueError, in a few words, for what is not such a file.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES // 1024} KiB")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    values: dict[str, str] = {}
    depth, key = 0, None
    try:
        for event in yaml.parse(content.decode("utf-8"), Loader=loader):
            if depth == 0 and isinstance(event, yaml.SequenceStartEvent | yaml.ScalarEvent):
                raise ValueError("it holds no names")
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                depth += 1
                key = None if depth == 2 else key
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                depth -= 1
            elif depth == 1 and isinstance(event, yaml.AliasEvent):
                key = None
            elif depth == 1 and isinstance(event, yaml.ScalarEvent):
                if key is None:
                    key = event.value
                    continue
                is_plain = event.implicit[0]
                if not is_plain or event.value not in {"", "null", "~"}:
                    values[key] = event.value
                key = None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if not values:
        raise ValueError("it is empty")
    return values
