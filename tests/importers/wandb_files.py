"""Files as wandb writes them, for what no recorded one holds."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

_BLOCK = 32 * 1024


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, content: bytes | str | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def item(key: str, value: object) -> bytes:
    return field(1, field(1, key) + field(16, json.dumps(value)))


def history(step: int, **values: object) -> bytes:
    items = b"".join(item(key, value) for key, value in {**values, "_step": step, "_timestamp": 1.7e9 + step}.items())
    return field(2, items + field(2, field(1, step)))


def run(name: str = "a name", **config: object) -> bytes:
    return field(17, field(3, "digits") + field(8, name) + field(4, b"".join(item(*each) for each in config.items())))


def exit_of(code: int) -> bytes:
    return field(18, field(1, code))


def framed(*records: bytes) -> bytes:
    """A file of these records."""
    out = bytearray(struct.pack("<4sHB", b":W&B", 0xBEE1, 0))
    for record in records:
        rest, is_first = record, True
        while True:
            room = _BLOCK - len(out) % _BLOCK
            if room < 7:
                out += bytes(room)
                room = _BLOCK
            piece, rest = rest[: room - 7], rest[room - 7 :]
            kind = (1 if is_first else 4) if not rest else (2 if is_first else 3)
            out += struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            is_first = False
            if not rest:
                break
    return bytes(out)


def written(folder: Path, identity: str, content: bytes, begun: str = "20240102_030405") -> Path:
    """The file of a run in the wandb folder `folder`."""
    file = folder / f"offline-run-{begun}-{identity}" / f"run-{identity}.wandb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
