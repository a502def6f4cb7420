"""Words that stand for values: booleans, `none`, choices, and what counts as not said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, StrEnum

from agent.typed import TypeVar

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
# Word processors and web pages turn quotes into the curved ones.
_QUOTES = ('""', "''", "“”", "‘’", "„“")
_CONCEALED = "********"
# Of one list; and of an item in it.
_MOST_TOLD, _SHOWN = 8, 60

Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")


class Nothing(Enum):
    """The answer `none`: said, and meaning that there is to be none (not the same as unset)."""

    NONE = "none"


def is_unset(text: str | None) -> bool:
    """Blank, white space and `null`, which host clients send for a field left empty."""
    return text is None or text.strip().lower() in ("", "null")


def is_none(text: str) -> bool:
    return text.strip().lower() == Nothing.NONE.value


def parse_boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("is not a yes or no")


def format_boolean(value: bool) -> str:  # noqa: FBT001 - the value itself
    """As OVF wants it written."""
    return "True" if value else "False"


def parse_choice(choices: type[Choice], text: str) -> Choice:
    try:
        return choices(text.strip().lower())
    except ValueError:
        raise ValueError("is not one of the choices") from None


def split_list(text: str) -> tuple[str, ...]:
    """Items apart by commas, semicolons or white space, each once, in the order given."""
    return tuple(dict.fromkeys(items_of(text)))


def items_of(text: str) -> list[str]:
    """The same, with what is said more than once."""
    for separator in ",;":
        text = text.replace(separator, " ")
    return text.split()


def parse_each(text: str, parse: Callable[[str], Item]) -> tuple[Item, ...]:
    """The items of a list, each value once; ValueError names every one that cannot be read."""
    found: dict[Item, None] = {}
    wrong: list[str] = []
    for item in split_list(text):
        try:
            found[parse(item)] = None
        except ValueError as error:
            wrong.append(f"holds {item[:_SHOWN]!r}, which {error}")
    if wrong:
        raise ValueError(together(wrong))
    return tuple(found)


def together(wrong: Sequence[str]) -> str:
    """One sentence of several; of a list that is all nonsense only its beginning."""
    more = len(wrong) - _MOST_TOLD
    return "; ".join([*wrong[:_MOST_TOLD], *([f"and {more} more like these"] if more > 0 else [])])


def without_quotes(text: str) -> str:
    """The text inside one pair of matching quotes, which people type because help shows them."""
    inner = text.strip()
    if len(inner) > 1 and inner[0] + inner[-1] in _QUOTES:
        return inner[1:-1].strip()
    return text


def is_private_key(text: str) -> bool:
    """Whether a private key stands in it, also where its blanks and line ends were lost."""
    return "PRIVATEKEY" in "".join(text.split()).upper()


def concealed(text: str) -> str:
    """Any text that may be an URL, read or not, without what may be credentials."""
    before, at, after = text.rpartition("@")
    if not at:
        return text
    scheme, found, _ = before.partition("://")
    return f"{scheme}{found}{_CONCEALED}@{after}" if found else f"{_CONCEALED}@{after}"
