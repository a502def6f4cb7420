"""Records without `typing` are as those with it, and a field out of place is refused."""

from __future__ import annotations

import types
import typing

import pytest

from agent import typed
from agent.typed import Any, Generic, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class _Record(NamedTuple):
    """What it is."""

    name: str
    number: int = 3

    @property
    def twice(self) -> int:
        return self.number * 2


class _Held(NamedTuple, Generic[T]):
    thing: T


class _Shape(Protocol):
    def area(self) -> float: ...


def test_it_is_what_typing_makes() -> None:
    class Real(typing.NamedTuple):
        """What it is."""

        name: str
        number: int = 3

    assert _Record._fields == Real._fields
    assert _Record._field_defaults == Real._field_defaults
    assert _Record.__doc__ == Real.__doc__
    assert _Record("a") == Real("a") == ("a", 3)
    assert _Record("a", 4).twice == 8
    assert repr(_Record("a")) == "_Record(name='a', number=3)"
    assert (_Record.__module__, _Record.__qualname__) == (__name__, "_Record")


def test_it_holds_anything_in_brackets() -> None:
    assert _Held[int](5).thing == 5
    assert _Held("x")._replace(thing="y").thing == "y"


def test_what_only_says_a_type_says_it_to_whoever_runs_it_too() -> None:
    assert Any is not None
    assert isinstance(_Shape, type)


def test_a_field_without_a_default_comes_before_those_with_one() -> None:
    # For type checkers it is wrong as well.
    body = {"__annotations__": {"a": "int", "b": "int"}, "a": 1, "__module__": __name__}
    base: Any = vars(typed)["NamedTuple"]
    with pytest.raises(TypeError, match="a field without a default"):
        types.new_class("Wrong", (base,), exec_body=lambda space: space.update(body))
