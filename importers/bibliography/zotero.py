"""Zotero's items as CSL-JSON: its own export, what its API answers, and Better BibTeX JSON.

Sources: zotero/zotero-schema (which field of which item type is which CSL variable) and the "Citing fields from
Extra" page of Zotero's documentation.
"""

from __future__ import annotations

import re
from typing import Any

from importers.bibliography.record import RawRecord
from importers.text import clean_line
from journal import csl

_TYPES = {
    "artwork": "graphic", "audioRecording": "song", "bill": "bill", "blogPost": "post-weblog", "book": "book",
    "bookSection": "chapter", "case": "legal_case", "computerProgram": "software", "conferencePaper":
    "paper-conference", "dataset": "dataset", "dictionaryEntry": "entry-dictionary", "document": "document",
    "email": "personal_communication", "encyclopediaArticle": "entry-encyclopedia", "film": "motion_picture",
    "forumPost": "post", "hearing": "hearing", "instantMessage": "personal_communication", "interview": "interview",
    "journalArticle": "article-journal", "letter": "personal_communication", "magazineArticle": "article-magazine",
    "manuscript": "manuscript", "map": "map", "newspaperArticle": "article-newspaper", "patent": "patent",
    "podcast": "broadcast", "preprint": "article", "presentation": "speech", "radioBroadcast": "broadcast",
    "report": "report", "standard": "standard", "statute": "legislation", "thesis": "thesis",
    "tvBroadcast": "broadcast", "videoRecording": "motion_picture", "webpage": "webpage",
}  # fmt: skip
_NO_PUBLICATIONS = {"attachment": "an attachment", "note": "a note", "annotation": "an annotation"}
_FIELDS = {
    "title": "title", "caseName": "title", "nameOfAct": "title", "subject": "title", "abstractNote": "abstract",
    "publicationTitle": "container-title", "bookTitle": "container-title", "proceedingsTitle": "container-title",
    "encyclopediaTitle": "container-title", "dictionaryTitle": "container-title", "blogTitle": "container-title",
    "websiteTitle": "container-title", "forumTitle": "container-title", "programTitle": "container-title",
    "reporter": "container-title", "journalAbbreviation": "container-title-short", "shortTitle": "title-short",
    "date": "issued", "dateDecided": "issued", "dateEnacted": "issued", "issueDate": "issued",
    "accessDate": "accessed", "originalDate": "original-date", "volume": "volume", "reporterVolume": "volume",
    "codeVolume": "volume", "issue": "issue", "pages": "page", "firstPage": "page", "codePages": "page",
    "numPages": "number-of-pages", "numberOfVolumes": "number-of-volumes", "edition": "edition",
    "series": "collection-title", "seriesTitle": "collection-title", "seriesNumber": "collection-number",
    "publisher": "publisher", "university": "publisher", "institution": "publisher", "repository": "publisher",
    "company": "publisher", "label": "publisher", "studio": "publisher", "network": "publisher",
    "place": "publisher-place", "conferenceName": "event-title", "meetingName": "event-title", "DOI": "DOI",
    "url": "URL", "ISBN": "ISBN", "ISSN": "ISSN", "language": "language", "libraryCatalog": "source",
    "archive": "archive", "archiveLocation": "archive_location", "callNumber": "call-number", "rights": "license",
    "number": "number", "reportNumber": "number", "patentNumber": "number", "billNumber": "number",
    "docketNumber": "number", "publicLawNumber": "number", "episodeNumber": "number", "archiveID": "number",
    "versionNumber": "version", "type": "genre", "thesisType": "genre", "reportType": "genre", "postType": "genre",
    "manuscriptType": "genre", "presentationType": "genre", "websiteType": "genre", "letterType": "genre",
    "genre": "genre", "mapType": "genre", "medium": "medium", "artworkMedium": "medium", "system": "medium",
    "programmingLanguage": "genre", "authority": "authority", "court": "authority", "section": "section",
    "status": "status", "scale": "scale", "runningTime": "dimensions", "artworkSize": "dimensions",
}  # fmt: skip
_ROLES = {
    "author": "author", "artist": "author", "cartographer": "author", "director": "director", "editor": "editor",
    "bookAuthor": "container-author", "seriesEditor": "collection-editor", "translator": "translator",
    "programmer": "author", "inventor": "author", "presenter": "author", "podcaster": "author", "performer":
    "performer", "composer": "composer", "interviewee": "author", "interviewer": "interviewer",
    "recipient": "recipient", "reviewedAuthor": "reviewed-author", "scriptwriter": "script-writer",
    "producer": "producer", "castMember": "performer", "guest": "guest", "sponsor": "contributor",
}  # fmt: skip
_NOT_OF_THE_WORK = frozenset({
    "itemID", "itemType", "itemKey", "key", "version", "libraryID", "dateAdded", "dateModified", "creators", "tags",
    "notes", "attachments", "collections", "relations", "extra", "citationKey", "citekey", "uri", "select",
    "uniqueFields", "creatorSummary", "parsedDate", "numChildren", "parentItem", "deleted", "inPublications",
    "seeAlso", "related",
})  # fmt: skip

_EXTRA_LINE = re.compile(r"(?P<name>[A-Za-z][\w .-]{0,60}?)\s*[:=]\s*(?P<value>\S.*)")
_EXTRA_NAMES = {re.sub("[^a-z]", "", variable.lower()): variable for variable in csl.TEXTS | csl.DATES} | {
    "date": "issued", "arxiv": "arxiv", "type": "type",
}  # fmt: skip


def fields_of(entry: dict[str, Any]) -> dict[str, Any] | None:
    """The fields of an item in any of Zotero's forms; None where `entry` is no item of Zotero."""
    data = entry.get("data")
    fields = data if isinstance(data, dict) else entry
    return fields if isinstance(fields.get("itemType"), str) else None


def record(fields: dict[str, Any], position: str, paths: dict[int, tuple[str, ...]]) -> RawRecord:
    """One item. Raises ValueError for what is no publication."""
    item_type = fields["itemType"]
    if item_type in _NO_PUBLICATIONS:
        raise ValueError(f"{_NO_PUBLICATIONS[item_type]}, not a publication")
    item: csl.Item = {"type": _TYPES.get(item_type, "document")}
    custom: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _NOT_OF_THE_WORK or value in (None, "", [], {}):
            continue
        variable = _FIELDS.get(name)
        if variable is None or variable in item:
            custom[name] = value
        else:
            item[variable] = value
    if item_type == "computerProgram" and isinstance(fields.get("version"), str):
        item.setdefault("version", fields["version"])
    for creator in _dicts(fields.get("creators")):
        item.setdefault(_ROLES.get(str(creator.get("creatorType")), "contributor"), []).append(_name(creator))
    _read_extra(fields.get("extra"), item, custom)
    if custom:
        item["custom"] = custom
    identity = fields.get("itemID")
    key = fields.get("citationKey") or fields.get("citekey") or ""
    return RawRecord(
        position,
        item,
        key=key if isinstance(key, str) else "",
        tags=tuple(str(tag.get("tag", "")) for tag in _dicts(fields.get("tags"))),
        collections=paths.get(identity, ()) if isinstance(identity, int) else (),
        notes=_notes(fields.get("notes")),
        files=tuple(str(file.get("localPath") or file.get("path") or "") for file in _dicts(fields.get("attachments"))),
    )


def collections(document: dict[str, Any]) -> dict[int, tuple[str, ...]]:
    """For each item id the paths, such as `thesis/chapter 2`, of the collections that hold it."""
    known = document.get("collections")
    if not isinstance(known, dict):
        return {}
    paths: dict[int, tuple[str, ...]] = {}
    for key, collection in known.items():
        if not isinstance(collection, dict) or not isinstance(collection.get("items"), list):
            continue
        path = _path(key, known)
        for identity in collection["items"]:
            if isinstance(identity, int):
                paths[identity] = (*paths.get(identity, ()), path)
    return paths


def _path(key: Any, known: dict[str, Any]) -> str:
    names: list[str] = []
    passed: set[Any] = set()
    while isinstance(key, str) and key in known and key not in passed and isinstance(known[key], dict):
        passed.add(key)
        names.append(clean_line(str(known[key].get("name", ""))).replace("/", "-"))
        key = known[key].get("parent")
    return "/".join(reversed(names))


def _name(creator: dict[str, Any]) -> dict[str, Any]:
    if creator.get("name"):
        return {"literal": creator["name"]}
    given, comma, suffix = str(creator.get("firstName", "")).partition(",")
    return {"family": creator.get("lastName", ""), "given": given, **({"suffix": suffix.strip(" !")} if comma else {})}


def _read_extra(extra: Any, item: csl.Item, custom: dict[str, Any]) -> None:
    """`Name: value` lines are fields that the item's type lacks; other lines are a note."""
    lines = (
        extra.split("\n")
        if isinstance(extra, str)
        else [str(line) for line in extra]
        if isinstance(extra, list)
        else []
    )
    rest = []
    for line in lines:
        match = _EXTRA_LINE.fullmatch(line.strip())
        name = match["name"].strip().lower() if match else ""
        variable = _EXTRA_NAMES.get(re.sub("[^a-z]", "", name), "")
        if match and name.startswith(("tex.", "bibtex.", "biblatex.")):
            custom.setdefault(name.partition(".")[2], match["value"])
        elif match and variable == "arxiv":
            rest.append(f"arXiv: {match['value']}")
        elif match and variable == "type":
            item["type"] = match["value"] if match["value"] in csl.TYPES else item["type"]
        elif match and variable:
            item.setdefault(variable, match["value"])
        else:
            rest.append(line)
    if note := "\n".join(rest).strip():
        item["note"] = note


def _notes(notes: Any) -> tuple[str, ...]:
    found = notes if isinstance(notes, list) else []
    texts = (note.get("note", "") if isinstance(note, dict) else note for note in found)
    return tuple(text for text in texts if isinstance(text, str))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
