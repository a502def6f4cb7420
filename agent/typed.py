"""What the code says of its types, without `typing`: that costs an eighth of a first boot.

Type checkers read the real names. While it runs there is no more to them than the code needs. A
record is what `typing.NamedTuple` makes, at a quarter of the price of `collections.namedtuple`,
which compiles a function for each: here all of as many fields share one. First boot makes fifty.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import (
        Any,
        BinaryIO,
        Generic,
        Literal,
        NamedTuple,
        NoReturn,
        Protocol,
        Self,
        TypedDict,
        TypeGuard,
        TypeVar,
    )
else:
    from _collections import _tuplegetter
    from types import CodeType, FunctionType

    class _Word:
        """Stands where a type is written, also in brackets, beside `|` or as a base."""

        def __class_getitem__(cls, _of: object) -> type[_Word]:
            return cls

        def __or__(self, _other: object) -> _Word:
            return self

        __ror__ = __or__

    Any = BinaryIO = Generic = Literal = NoReturn = Protocol = Self = TypeGuard = _Word
    TypedDict = dict

    def TypeVar(_name: str, *_constraints: object, **_bounds: object) -> _Word:  # noqa: N802
        return _Word()

    _MAKES = {"new": tuple.__new__}
    _codes: dict[int, CodeType] = {}

    def _maker(fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        """The record's `__new__`: it takes its fields by place or by name, as any function."""
        count = len(fields)
        if count not in _codes:
            places = "".join(f"_{number}, " for number in range(count))
            _codes[count] = eval(f"lambda _cls, {places}: new(_cls, ({places}))").__code__  # noqa: S307
        code = _codes[count].replace(co_varnames=("_cls", *fields), co_name="__new__")
        return FunctionType(code, _MAKES, "__new__", defaults)

    class _Tuple(tuple):
        """What each record can do, under the names that `collections.namedtuple` has for it."""

        __slots__ = ()
        _fields: tuple[str, ...] = ()

        @classmethod
        def _make(cls, values: tuple[object, ...]) -> Self:
            return cls(*values)

        def _replace(self, **values: object) -> Self:
            return type(self)(**{**self._asdict(), **values})

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            values = (f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({', '.join(values)})"

    class _Record(type):
        """As `typing` does it: the annotated names are the fields, what they are set to the
        defaults, and everything else is the class's.
        """

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            given = [field in body for field in fields]
            if given != sorted(given):
                raise TypeError(f"{name} has a field without a default after one that has")
            defaults = {field: body[field] for field in fields if field in body}
            body |= {field: _tuplegetter(at, "") for at, field in enumerate(fields)}
            body |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            body |= {"__slots__": (), "__new__": _maker(fields, tuple(defaults.values()))}
            return type(name, (_Tuple,), body)

    class NamedTuple(metaclass=_Record):
        """A record: a tuple whose fields have names."""


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "BinaryIO",
    "Generic",
    "Literal",
    "NamedTuple",
    "NoReturn",
    "Protocol",
    "Self",
    "TypeGuard",
    "TypeVar",
    "TypedDict",
]
