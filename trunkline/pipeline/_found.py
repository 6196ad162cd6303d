"""Problems as they are kept: text, read as a whole, and made into objects only as far as somebody looks at them."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from trunkline.source import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunkline.source import Severity

    # file, line, column, code, message, path, remedy, severity
    Found = tuple[str, int, int, str, str, list[str | int], str, Severity]

NOTHING = "[]"
_ORDER = itemgetter(0, 1, 2, 3, 4)  # that of `Problem.sort_key`
_CODE: Final = 3
_SEVERITY: Final = 7


def written(problems: Iterable[Problem]) -> str:
    """Return problems as text."""
    return json.dumps(
        [
            (place.file, place.line, place.column, one.code, one.message, one.path, one.remedy, one.severity)
            for one in problems
            for place in (one.place,)
        ]
    )


def read(texts: Iterable[str]) -> list[Found]:
    """Return what several texts say, in the order in which people read it."""
    found: list[Found] = json.loads(f"[{','.join(text[1:-1] for text in texts if text != NOTHING)}]")
    return sorted(found, key=_ORDER)


def code_of(found: Found) -> str:
    """Return the code of the rule."""
    return found[_CODE]


def is_error(found: Found) -> bool:
    """Say whether it stops the pipeline."""
    return found[_SEVERITY] == "error"


def problems_of(found: Sequence[Found]) -> list[Problem]:
    """Return problems as everybody else knows them."""
    return [
        Problem(code, Place(file, line, column), message, tuple(path), remedy, severity)
        for file, line, column, code, message, path, remedy, severity in found
    ]
