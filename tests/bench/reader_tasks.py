"""What lemon24/reader does, one task a process; runs in its environment, where nothing of ours is installed.

python reader_tasks.py follow DB URL... | update DB | index DB | list DB | search DB WORD
"""

from __future__ import annotations

import sys
from itertools import islice

from reader import make_reader  # type: ignore[import-not-found]


def main(task: str, database: str, *words: str) -> None:
    reader = make_reader(database)
    if task == "follow":
        for url in words:
            reader.add_feed(url, exist_ok=True)
    elif task == "update":
        for result in reader.update_feeds_iter():
            if isinstance(result.value, Exception):
                raise result.value
    elif task == "index":
        reader.enable_search()
        reader.update_search()
    elif task == "list":
        entries = list(islice(reader.get_entries(limit=20), 20))
        assert len(entries) == 20
        print("\n".join(str(entry.title) for entry in entries))
    else:
        found = list(islice(reader.search_entries(words[0], limit=20), 20))
        assert found
        print("\n".join(str(result.content) for result in found))


if __name__ == "__main__":
    main(*sys.argv[1:])
