"""Raw answers from outside: guestinfo, then any CD drive, then an answers file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.errors import Fault, InputRefused
from agent.properties import answers_file, disc, environment, guestinfo
from agent.properties.answers import Answers
from agent.settings.declaration import CORE, Declaration
from agent.system.host import Host
from agent.values.words import is_unset

# What a source gives: its name, and how to understand what it holds.
_Found = tuple[str, Callable[[], dict[str, str]]]


def read(host: Host, *, declaration: Declaration = CORE) -> Answers:
    """The first source that says anything of ours, taken whole; blank when none does.

    A source that cannot be understood is a fault, and the next one is tried.
    """
    tried: list[str] = []
    faults: list[Fault] = []
    for source, understand in _sources(host, tried):
        try:
            raw = {key: text for key, text in understand().items() if not is_unset(text)}
        except InputRefused as refused:
            faults += refused.faults
            continue
        if any(_says_something(key, text, declaration) for key, text in raw.items()):
            is_strict = source in answers_file.NAMES
            return Answers(raw, source, tuple(tried), tuple(faults), is_strict)
    return Answers(tried=tuple(tried), faults=tuple(faults))


def _sources(host: Host, tried: list[str]) -> Iterator[_Found]:
    document, said = guestinfo.read(host)
    tried += said
    if document is not None:
        yield "guestinfo", lambda: environment.parse(document)
    for drive in disc.drives(host):
        yield from _on_disc(host, drive, tried)
    for name in answers_file.NAMES:
        yield from _in_file(host, name, tried)


def _on_disc(host: Host, drive: str, tried: list[str]) -> Iterator[_Found]:
    data, said = disc.read(host, drive)
    tried.append(said)
    if data is not None:
        yield f"disc in {drive}", lambda: environment.parse(data)


def _in_file(host: Host, name: str, tried: list[str]) -> Iterator[_Found]:
    text = host.files.read(name)
    tried.append(f"{name}: {'none' if text is None else 'found'}")
    if text is not None:
        yield name, lambda: answers_file.parse(text, name)


def _says_something(key: str, text: str, declaration: Declaration) -> bool:
    """Whether it is an answer to us: a key of our classes, and not just the default repeated.

    Clients send the defaults of a descriptor along, so those alone do not make a source.
    """
    row = declaration.find(key)
    if row is None:
        return key.partition(".")[0] in declaration.categories
    if row.default is None or row.is_secret:
        return True
    return text.strip().lower() != row.kind.format(row.default).lower()
