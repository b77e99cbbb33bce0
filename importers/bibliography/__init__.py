"""Bibliographies of other programs: BibTeX and BibLaTeX, CSL-JSON, Zotero's JSON, a papis library.

`read.read_bibliography` is the way in. Each format becomes CSL-JSON first, and one place makes a record of it.
"""
