"""What pydantic finds, in the words and with the places of our own problems."""

from __future__ import annotations

import itertools
import types
import typing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from trunkline.source import Limits, Place, Problem, quoted, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.source import Document, Path, Value

__all__ = ["fields_at", "from_validation", "unknown"]

# From so many errors on, only the first of them are described.
_MANY = 1000
_KEY = "[key]"  # pydantic's mark for "the key itself, not its value"
_EXPECTED = {
    "model_type": "a mapping (keys and values)",
    "model_attributes_type": "a mapping (keys and values)",
    "dict_type": "a mapping (keys and values)",
    "mapping_type": "a mapping (keys and values)",
    "list_type": "a list",
    "string_type": "text",
}


def from_validation(document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Return the problems of one document; of very many, the first ones and how many more there are.

    Args:
        document: What was validated.
        model: As what.
        error: What pydantic says.
    """
    many = error.error_count() > _MANY
    found = (_first_of_many(document.data, model) if many else []) or error.errors(include_url=False)
    problems = [_problem(document, model, detail) for detail in found[: Limits().problems]]
    rest = error.error_count() - len(problems)
    if rest:
        message = f"{rest} more problems of the file are not shown"
        file = problems[0].place.file if problems else document.file
        problems.append(Problem("TL0111", Place(file), message, (), "repair the others first"))
    return problems


def _first_of_many(data: Value, model: type[BaseModel]) -> list[Any]:
    """Return what is wrong with the first part of a large value that is wrong, in pydantic's words.

    pydantic has no limit for the number of errors, and a description of millions of them does not fit into memory.
    """
    if not isinstance(data, dict):
        return []
    large = {key: each for key, each in data.items() if isinstance(each, dict | list) and len(each) > _MANY}
    small = itertools.islice((key for key in data if key not in large), _MANY)
    parts: Iterator[dict[str, Value]] = iter([{key: data[key] for key in small}])
    parts = itertools.chain(parts, ({key: part} for key, each in large.items() for part in _parts(each)))
    for part in parts:
        try:
            model.model_validate(part)
        except ValidationError as error:
            # That other keys are missing is the part's fault, not the file's.
            own = [each for each in error.errors(include_url=False) if each["loc"] and each["loc"][0] in part]
            if own:
                return own
    return []


def _parts(value: dict[str, Value] | list[Value]) -> Iterator[Value]:
    """Yield a collection in parts."""
    if isinstance(value, list):
        yield from (value[start : start + _MANY] for start in range(0, len(value), _MANY))
        return
    items = iter(value.items())
    while part := dict(itertools.islice(items, _MANY)):
        yield part


def _problem(document: Document, model: type[BaseModel], detail: Any) -> Problem:
    location: Path = detail["loc"]
    is_key = bool(location) and location[-1] == _KEY
    path = location[:-1] if is_key else location
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = sorted(fields_at(model, path[:-1]))
        message, remedy = unknown("key", str(path[-1]), known)
        return Problem("TL0201", document.locate(path, key=True), message, path, remedy)
    if kind == "missing":
        place = document.locate(path[:-1], key=True)
        return Problem("TL0202", place, f"{path[-1]} is missing", path[:-1], f"add the line {path[-1]}: ...")
    if kind in _EXPECTED:
        message = f"this is {_what(detail['input'])}, expected is {_EXPECTED[kind]}"
        return Problem("TL0203", document.locate(path), message, path, "look at the indentation, or at the reference")
    context = detail.get("ctx", {})
    code = kind if kind.startswith("TL") else "TL0203"
    return Problem(code, document.locate(path, key=is_key), detail["msg"], path, context.get("remedy", ""))


def fields_at(model: type[BaseModel], path: Path) -> set[str]:
    """Return the keys that an item at a path of a model may have."""
    current: Any = model
    for step in path:
        current = _inner(current, str(step))
    found = _model(current)
    return set(found.model_fields) if found else set()


def _inner(annotation: Any, step: str) -> Any:
    """Return the type of what stands at one step inside of a type: a field of a model, a value of a mapping or list."""
    found = _model(annotation)
    if found is not None:
        field = found.model_fields.get(step)
        return None if field is None else field.annotation
    arguments = typing.get_args(annotation)
    return arguments[-1] if arguments else None


def _model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a type such as ``User`` or ``User | None`` means, if it means one."""
    for choice in (annotation, *(typing.get_args(annotation) if _is_union(annotation) else ())):
        if isinstance(choice, type) and issubclass(choice, BaseModel):
            return choice
    return None


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _what(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"the text {quoted(str(value))}"
