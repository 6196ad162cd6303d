"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

inventory_option = click.option(
    "-i",
    "--inventory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("inventories/lab"),
    show_default=True,
    help="Folder of the inventory.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
