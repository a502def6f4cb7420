"""JSON text to an object, and what lies inside by its shape."""

from __future__ import annotations

import json

from agent.typed import Any, TypeGuard


def parse(text: str | bytes) -> dict[str, Any]:
    """Raises ValueError for what is no JSON, or no object."""
    try:
        found: object = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if is_object(found):
        return found
    raise ValueError("not an object")


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def object_of(value: object) -> dict[str, Any]:
    """The object itself, or an empty one where something else stands."""
    return value if is_object(value) else {}


def list_of(value: object) -> list[Any]:
    return value if is_list(value) else []


def rows_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands there is left out."""
    return [row for row in list_of(value) if is_object(row)]


def text_of(value: object) -> str:
    """Text or a number as text; nothing for what else stands there."""
    return str(value) if isinstance(value, str | int | float) else ""
