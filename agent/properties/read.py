"""Raw answers from outside: guestinfo, then any CD drive, then an answers file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.errors import Fault, InputRefused
from agent.properties import guestinfo
from agent.properties.answers import Answers, Raw
from agent.settings.declaration import CORE, Declaration
from agent.system.host import Host
from agent.typed import NamedTuple
from agent.values.words import is_unset


class _Found(NamedTuple):
    """What a source gives: its name, and how to understand what it holds."""

    source: str
    understand: Callable[[], Raw]
    is_strict: bool = False
    document: bytes = b""


_Tried = list[str]

# White space, and the marks of byte order of UTF-8 and UTF-16.
_BEFORE_XML = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"


def _unseen(_: bytes) -> bool:
    return False


def read(host: Host, *, declaration: Declaration = CORE) -> Answers:
    """The first source that says anything of ours, taken whole; blank when none does.

    A source that cannot be understood is a fault, and the next one is tried.
    """
    tried: _Tried = []
    return _first(_sources(host, tried), tried, declaration)


def read_again(
    host: Host, is_seen: Callable[[bytes], bool] = _unseen, *, declaration: Declaration = CORE
) -> Answers:
    """The environment as it is on a later boot: nobody waits for it, and no answers file is read.

    A process is started only where there may be a host of VMware's, or a disc in a drive, and a
    document that `is_seen` is not read: it says nothing new.
    """
    tried: _Tried = []
    return _first(_environments(host, tried), tried, declaration, is_seen)


def read_files(host: Host, *, declaration: Declaration = CORE) -> Answers:
    """The answers files alone, on a later boot of a node that nobody has told anything yet."""
    tried: _Tried = []
    return _first(_files(host, tried), tried, declaration)


def _first(
    sources: Iterator[_Found],
    tried: _Tried,
    declaration: Declaration,
    is_seen: Callable[[bytes], bool] = _unseen,
) -> Answers:
    faults: list[Fault] = []
    for found in sources:
        if is_seen(found.document):
            return Answers(source=found.source, tried=tuple(tried))
        try:
            raw = found.understand()
        except InputRefused as refused:
            faults += refused.faults
            continue
        answers = _answers_of(found, raw, declaration)
        texts = answers.raw.items()
        if answers.unreadable or any(_says_something(*pair, declaration) for pair in texts):
            return answers._replace(tried=tuple(tried), faults=tuple(faults))
    return Answers(tried=tuple(tried), faults=tuple(faults))


def read_document(name: str, data: bytes, *, declaration: Declaration = CORE) -> Answers:
    """One document by itself, as its bytes would be read from a disc or as an answers file.

    InputRefused where it cannot be understood.
    """
    is_xml = data.lstrip(_BEFORE_XML).startswith(b"<")
    found = _environment(name, data) if is_xml else _answers(name, data)
    return _answers_of(found, found.understand(), declaration)


def _answers_of(found: _Found, raw: Raw, declaration: Declaration) -> Answers:
    return Answers(
        {key: text for key, text in raw.texts.items() if not is_unset(text)},
        found.source,
        is_strict=found.is_strict,
        notices=raw.notices,
        document=found.document,
        unreadable=_ours(raw.faults, declaration),
    )


def _ours(faults: tuple[Fault, ...], declaration: Declaration) -> tuple[Fault, ...]:
    """The faults of keys that are settings, by the settings' own names."""
    rows = ((fault, declaration.find(fault.setting)) for fault in faults)
    ours = (fault._replace(setting=row.key) for fault, row in rows if row is not None)
    return tuple(dict.fromkeys(ours))


# Each source imports what it needs when its turn comes: imports are what a first boot costs.
def _sources(host: Host, tried: _Tried) -> Iterator[_Found]:
    heard = guestinfo.read(host)
    yield from _in_guestinfo(heard, tried)
    from agent.properties import disc

    on_discs: list[_Found] = []
    for drive in disc.drives(host):
        yield from _on_disc(host, drive, tried, on_discs)
    yield from on_discs
    yield from _beside_discs(host, tried)
    if heard.reader:
        yield from _in_guestinfo(guestinfo.read_late(host, heard.reader), tried)


def _environments(host: Host, tried: _Tried) -> Iterator[_Found]:
    yield from _in_guestinfo(guestinfo.read(host), tried)
    from agent.properties import disc

    for drive in disc.loaded(host):
        yield from _on_disc(host, drive, tried, [])


def _files(host: Host, tried: _Tried) -> Iterator[_Found]:
    from agent.properties import disc

    for drive in disc.loaded(host):
        found = disc.read(host, drive)
        tried.append(found.said)
        yield from _answers_on(drive, found.answers)
    yield from _beside_discs(host, tried)


def _beside_discs(host: Host, tried: _Tried) -> Iterator[_Found]:
    from agent.properties import answers_file

    yield from _on_medium(host, tried)
    for name in answers_file.NAMES:
        yield from _in_file(host, name, tried)


def _in_guestinfo(heard: guestinfo.Heard, tried: _Tried) -> Iterator[_Found]:
    tried += heard.tried
    if heard.document is not None:
        yield _environment("guestinfo", heard.document)


def _on_disc(host: Host, drive: str, tried: _Tried, later: list[_Found]) -> Iterator[_Found]:
    """An environment at once; an answers file only after every drive was looked at."""
    from agent.properties import disc

    found = disc.read(host, drive)
    tried.append(found.said)
    if found.environment is not None:
        yield _environment(f"disc in {drive}", found.environment)
    later += _answers_on(drive, found.answers)


def _answers_on(drive: str, answers: tuple[str, bytes] | None) -> Iterator[_Found]:
    if answers is not None:
        name, data = answers
        yield _answers(f"disc in {drive}: {name}", data)


def _on_medium(host: Host, tried: _Tried) -> Iterator[_Found]:
    from agent.properties import medium

    found = medium.read(host)
    if found is None:
        return
    tried.append(found.said)
    if found.answers is not None:
        name, data = found.answers
        yield _answers(f"{medium.NAME}: {name}", data)


def _in_file(host: Host, name: str, tried: _Tried) -> Iterator[_Found]:
    data = host.files.read_bytes(name)
    tried.append(f"{name}: {'none' if data is None else 'found'}")
    if data is not None:
        yield _answers(name, data)


def _as_bytes(document: str | bytes) -> bytes:
    return document if isinstance(document, bytes) else document.encode()


def _environment(source: str, document: str | bytes) -> _Found:
    def understand() -> Raw:
        from agent.properties import environment

        return environment.parse(document)

    return _Found(source, understand, document=_as_bytes(document))


def _answers(source: str, data: bytes) -> _Found:
    def understand() -> Raw:
        from agent.properties import answers_file

        return Raw(answers_file.parse(answers_file.decode(data, source), source))

    return _Found(source, understand, is_strict=True)


def _says_something(key: str, text: str, declaration: Declaration) -> bool:
    """Whether it is an answer to us: a key of our classes, and not just the default repeated."""
    row = declaration.find(key)
    if row is None:
        return key.partition(".")[0] in declaration.categories
    return not row.repeats_default(text)
