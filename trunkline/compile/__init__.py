"""Model to rows: pure, sorted, no clock, no input or output.

    compiled = compile_platform(tenants, infrastructure, passwords)

The same tenants, infrastructure and passwords give the same rows everywhere, whatever the order of files and keys. A
kind of object is one module in `kinds/`: its table, its columns, its rows.
"""

from __future__ import annotations

from trunkline.compile._compiler import (
    Compiled,
    Scope,
    compile_one,
    compile_platform,
    password_names,
    peering_passwords,
)
from trunkline.compile.context import BrandContext, ClientContext, PlatformContext
from trunkline.compile.identity import object_id
from trunkline.compile.infrastructure import ApplicationServer, Infrastructure, MediaRelay
from trunkline.compile.kinds import TABLES
from trunkline.compile.table import Column, Row, Table

__all__ = [
    "TABLES",
    "ApplicationServer",
    "BrandContext",
    "ClientContext",
    "Column",
    "Compiled",
    "Infrastructure",
    "MediaRelay",
    "PlatformContext",
    "Row",
    "Scope",
    "Table",
    "compile_one",
    "compile_platform",
    "object_id",
    "password_names",
    "peering_passwords",
]
