"""Text that masks itself wherever it is shown."""

from __future__ import annotations

MASK = "********"


class Secret:
    """Only `reveal()` gives the text; repr, str, format, logs and tracebacks show a mask.

    JSON and pickle refuse it; a copy is the secret itself.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a secret is not pickled")

    def __getstate__(self) -> object:
        # Python's own would hand out the slots.
        raise TypeError("a secret is not pickled")
