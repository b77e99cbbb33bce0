"""The records of a `.wandb` file: the framing of LevelDB's log, and Protocol Buffers as far as they are needed.

A file begins with 7 bytes of its own. Then follow blocks of 32 KiB, counted from the start of the file, with pieces
`crc32, length, type, data`; a record is one piece or several. Written by wandb 0.13 to 0.31, by Python and by Go
alike. A file that is being written, or whose writer was killed, ends anywhere; what is damaged is passed over up to
the next block.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_HEADER = struct.Struct("<4sHB")
_IDENT, _MAGIC, _VERSION = b":W&B", 0xBEE1, 0
_PIECE = struct.Struct("<IHB")
_BLOCK = 32 * 1024
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_CUT = -1
_SEEDS = {kind: zlib.crc32(bytes([kind])) for kind in (_FULL, _FIRST, _MIDDLE, _LAST)}
_MOST_RECORD_BYTES = 16 * 1024 * 1024

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Field = tuple[int, int, bytes | int]
"""Number, wire type, and the value: bytes for BYTES and the fixed ones, an int for VARINT."""


def records(
    path: Path, tell_lost: Callable[[], None] = lambda: None, tell_cut: Callable[[], None] = lambda: None
) -> Iterator[bytes]:
    """Each whole record of the file, in order; `tell_lost` is called where something in it is damaged.

    `tell_cut` is called where it ends within a record: it is being written, or was cut.

    Raises ValueError for a file of another kind, and OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return  # it was just made
        if _HEADER.unpack(head) != (_IDENT, _MAGIC, _VERSION):
            raise ValueError("it is no file of wandb, or of a version that is not known")
        yield from _joined(_pieces(file), tell_lost, tell_cut)


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Type and data of each piece; type 0 where something was lost, _CUT where the file ends within a piece."""
    start = _HEADER.size
    while block := file.read(_BLOCK - start):
        position, end = 0, len(block)
        while position + _PIECE.size <= end:
            checksum, length, kind = _PIECE.unpack_from(block, position)
            data = block[position + _PIECE.size : position + _PIECE.size + length]
            if len(data) < length and start + end < _BLOCK:
                yield _CUT, b""
                return
            seed = _SEEDS.get(kind)
            if seed is None or len(data) < length or zlib.crc32(data, seed) != checksum:
                yield 0, b""
                break
            yield kind, data
            position += _PIECE.size + length
        else:
            if start + end < _BLOCK and any(block[position:]):  # else it is what is left of a block
                yield _CUT, b""
        start = 0


def _joined(
    pieces: Iterator[tuple[int, bytes]], tell_lost: Callable[[], None], tell_cut: Callable[[], None]
) -> Iterator[bytes]:
    begun: list[bytes] = []
    size = 0
    for kind, data in pieces:
        if kind == _CUT:
            begun = [data]
            break
        if kind == 0:
            tell_lost()
        if kind == _FULL:
            begun, size = [], 0
            yield data
        elif kind == _FIRST:
            begun, size = [data], len(data)
        elif kind == 0 or not begun or size + len(data) > _MOST_RECORD_BYTES:
            begun, size = [], 0
        else:
            begun.append(data)
            size += len(data)
            if kind == _LAST:
                yield b"".join(begun)
                begun, size = [], 0
    if begun:
        tell_cut()


def fields(message: bytes) -> Iterator[Field]:
    """The fields of a message as they come. Raises ValueError where it is none."""
    position, end = 0, len(message)
    while position < end:
        tag, position = _varint(message, position)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, position = _varint(message, position)
            yield number, wire, value
            continue
        if wire == BYTES:
            length, position = _varint(message, position)
        elif wire == FIXED64:
            length = 8
        elif wire == FIXED32:
            length = 4
        else:
            raise ValueError("no message")
        if position + length > end:
            raise ValueError("a message that was cut")
        yield number, wire, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message) or shift > 63:
            raise ValueError("no number")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def signed(value: int) -> int:
    """A varint as the signed 64-bit number that it stands for."""
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def zigzag(value: int) -> int:
    """A varint of the type sint64."""
    return (value >> 1) ^ -(value & 1)


def double(content: bytes | int) -> float:
    """The eight bytes of a number. Raises ValueError for anything else."""
    if not isinstance(content, bytes) or len(content) != 8:
        raise ValueError("no number of eight bytes")
    return float(struct.unpack("<d", content)[0])
