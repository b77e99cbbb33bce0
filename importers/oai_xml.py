"""An answer of an OAI-PMH service as plain values: its records, its error, the token of the next page.

Read with expat itself, which keeps nothing but what is picked out, so that memory is bounded by the size
of the answer whatever its elements are. Format: openarchives.org/OAI/openarchivesprotocol.html.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from xml.parsers import expat

from journal.errors import Unreadable

_DEEPEST = 24  # levels of elements; a record has seven
_LONGEST_TOKEN = 2000  # characters
# Allowed in no XML, and one of them would make a page of 2,000 records unreadable.
_FORBIDDEN = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_IN_RECORD = ("OAI-PMH", "ListRecords", "record")
_FIELD_LEVEL = len(_IN_RECORD) + 3  # metadata, its format, the field


@dataclass(slots=True)
class OaiRecord:
    """One record as it was sent. `fields` holds the texts of its metadata by element, `versions` arXivRaw's
    history as (name, date)."""

    identifier: str = ""
    datestamp: str = ""
    is_deleted: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    versions: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class OaiDocument:
    """What an answer says. `error` is the code of the protocol where it refuses; `token` is empty on the last page."""

    records: tuple[OaiRecord, ...] = ()
    token: str = ""
    error: str = ""
    reason: str = ""


def read_document(content: bytes, *, host: str) -> OaiDocument:
    """The document that `host` answered with. Raises Unreadable for anything else, and for any DOCTYPE."""
    if not content.strip():
        raise Unreadable(f"{host} answered with nothing at all.")
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.translate(None, _FORBIDDEN)
    reader = _Reader(host)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.texts.append
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        if reader.root.lower() == "html":
            raise reader.web_page() from None
        what = "damaged records" if reader.root else "something that is not a list of records"
        raise Unreadable(
            f"{host} answered with {what}: {expat.ErrorString(error.code)} in line {error.lineno}."
        ) from None
    except (LookupError, ValueError) as error:
        raise Unreadable(f"{host} answered in a character set that cannot be read.") from error
    return reader.document()


class _Reader:
    """Picks out of the elements as they come what a document is about."""

    def __init__(self, host: str) -> None:
        self.root = ""
        self.texts: list[str] = []
        self._host = host
        self._path: list[str] = []
        self._record = OaiRecord()
        self._records: list[OaiRecord] = []
        self._version = ""
        self._token = ""
        self._error = ""
        self._reason = ""
        self._is_list = False

    def doctype(self, name: str, *_: object) -> None:
        """No service of ours has one, and it is where entities that swell are declared."""
        if name.lower() == "html":
            raise self.web_page()
        raise Unreadable(f"{self._host} answered with a document that declares a type of its own, which is not read.")

    def web_page(self) -> Unreadable:
        return Unreadable(f"{self._host} answered with a web page, not with records.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        path = self._path
        path.append(local)
        level = len(path)
        if level > _DEEPEST:
            raise Unreadable(f"{self._host} answered with elements inside each other without end.")
        if level == 1:
            self.root = local
        elif level == 2 and local == "error":
            self._error = attributes.get("code", "") or "error"
        elif level == 2 and local == "ListRecords":
            self._is_list = True
        elif level == 3 and tuple(path) == _IN_RECORD:
            self._record = OaiRecord()
        elif level == 4 and local == "header" and self._is_in_record():
            self._record.is_deleted = attributes.get("status") == "deleted"
        elif level == _FIELD_LEVEL and local == "version":
            self._version = attributes.get("version", "")
        # Inside a field all text counts, also that of elements which no schema knows.
        if level <= _FIELD_LEVEL or path[_FIELD_LEVEL - 1] == "version":
            self.texts.clear()

    def end(self, _: str) -> None:
        path = self._path
        level = len(path)
        local = path.pop()
        if level > 4 and self._is_in_record():
            self._end_in_record(level, path[3], path[-1], local)
        elif level == 3 and (*path, local) == _IN_RECORD:
            self._records.append(self._record)
        elif level == 3 and local == "resumptionToken":
            self._token = self._text()
        elif level == 2 and local == "error":
            self._reason = self._text()

    def _end_in_record(self, level: int, part: str, parent: str, local: str) -> None:
        if part == "header" and level == 5 and local == "identifier":
            self._record.identifier = self._text()
        elif part == "header" and level == 5 and local == "datestamp":
            self._record.datestamp = self._text()
        elif part == "metadata" and level == _FIELD_LEVEL and local != "version":
            self._record.fields.setdefault(local, self._text())
        elif part == "metadata" and level == _FIELD_LEVEL + 1 and parent == "version" and local == "date":
            self._record.versions.append((self._version, self._text()))

    def _is_in_record(self) -> bool:
        return tuple(self._path[:3]) == _IN_RECORD

    def document(self) -> OaiDocument:
        if self.root.lower() == "html":
            raise self.web_page()
        if self.root != "OAI-PMH" or not (self._is_list or self._error):
            raise Unreadable(f"{self._host} answered with something that is not a list of records.")
        if len(self._token) > _LONGEST_TOKEN:
            raise Unreadable(f"{self._host} names its next page by {len(self._token):,} characters.")
        return OaiDocument(records=tuple(self._records), token=self._token, error=self._error, reason=self._reason)

    def _text(self) -> str:
        text = "".join(self.texts).strip()
        self.texts.clear()
        return text
