"""``trunkline schema``: what the files of tenants may say, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trunkline.model.schema import KINDS, schema_of, settings_of


@click.command("schema")
@click.argument("kind", type=click.Choice(sorted(KINDS)), required=False)
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the schemas of all kinds of files into a folder, and print the settings that editors need.",
)
def command(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of a kind of file, or write all of them for an editor.

    The schemas are generated from the same model that `check` uses. Write them again after an update of trunkline.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for each in KINDS:
            (folder / f"{each}.json").write_text(_text(schema_of(each)), encoding="utf-8")
        place = folder.as_posix() if folder.is_absolute() else f"./{folder.as_posix()}"
        click.echo(f"{len(KINDS)} schemas written. Settings of editors with the YAML language server:", err=True)
        click.echo(_text(settings_of(place)), nl=False)
    elif kind is not None:
        click.echo(_text(schema_of(kind)), nl=False)
    else:
        raise click.UsageError(f"name a kind of file ({', '.join(sorted(KINDS))}), or a folder with --write")


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
