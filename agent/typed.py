"""What the code says of its types, without `typing`: that costs an eighth of a first boot.

Type checkers read the real names. While it runs there is no more to them than the code needs, and a
record is a named tuple of `collections` itself, whose fields nobody looks at for their types.
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
    from collections import namedtuple

    _OF_EVERY_CLASS = frozenset(
        ("__module__", "__qualname__", "__annotations__", "__classcell__")
        + ("__firstlineno__", "__static_attributes__", "__orig_bases__")
    )

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

    class _Record(type):
        """As `typing` does it: the annotated names are the fields, what they are set to the
        defaults, and everything else is the class's.
        """

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            fields = body.get("__annotations__", {})
            if not bases:
                return super().__new__(cls, name, bases, body)
            given = [field in body for field in fields]
            if given != sorted(given):
                raise TypeError(f"{name} has a field without a default after one that has")
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made.__annotations__ = made.__new__.__annotations__ = fields
            for key, value in body.items():
                if key not in fields and key not in _OF_EVERY_CLASS:
                    setattr(made, key, value)
            return made

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
