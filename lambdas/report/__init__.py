"""The report of a run: one document, as a page, as Markdown, as plain text and as tables.

Pure: a document in, text out. Jinja2, matplotlib and PyArrow are imported by what needs them.
"""
