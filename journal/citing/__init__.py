"""Papers on their way out, as others cite them: BibTeX, CSL-JSON, a line of text, a Markdown link. Standard library."""
