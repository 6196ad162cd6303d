"""Files to documents: YAML and CSV without surprises, with the place of every key and value at hand.

    document, problems = read_file(root, "tenants/atlas/acme.yml")
    document.data                                   # {"domain": "acme.atlas.example", "users": {...}}
    document.locate(("users", "alice", "name"))     # Place(file="tenants/atlas/acme.yml", line=7, column=12)

Every scalar is text (or None when nothing is written): ``no``, ``012``, ``1:30`` and ``+34911234567`` mean what stands
there, and the model decides what a field's text has to look like. See docs/decisions/0010-yaml-without-surprises.md.
"""

from __future__ import annotations

from trunkline.source._csv import Columns, Table
from trunkline.source._document import Document, Value
from trunkline.source._files import leads_out, read_file, read_table
from trunkline.source._problem import Path, Place, Problem, Severity, path_text
from trunkline.source._suggest import nearest, quoted, unknown
from trunkline.source._yaml import Limits

__all__ = [
    "Columns",
    "Document",
    "Limits",
    "Path",
    "Place",
    "Problem",
    "Severity",
    "Table",
    "Value",
    "leads_out",
    "nearest",
    "path_text",
    "quoted",
    "read_file",
    "read_table",
    "unknown",
]
