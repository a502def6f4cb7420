"""Documents made to hang or to fill a node: read in a process with little time and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.system.run import run

ROOT = Path(__file__).parents[3]
# An empty process of Python takes a tenth of the memory; a second of these takes none of the time.
_CPU_S, _MEMORY_MB = 20, 192
_READER = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from agent.errors import InputRefused
from agent.properties import answers_file, environment
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]) << 20,) * 2)
data = open(sys.argv[5], "rb").read()
try:
    if sys.argv[4] == "environment":
        read = environment.parse(data)
    elif sys.argv[4] == "guestinfo":
        read = environment.parse(data.decode("utf-8", errors="replace"))
    else:
        read = answers_file.parse(answers_file.decode(data, sys.argv[4]), sys.argv[4])
except InputRefused as refused:
    assert len(str(refused)) < 400
    print("refused", refused.faults[0].message)
else:
    print("read")
"""
_OPEN, _CLOSE = "<Environment><PropertySection>", "</PropertySection></Environment>"
_ENTRY = '<Property oe:key="a.b" oe:value="'
_MB = 1 << 20
_KB = 1 << 10


def _full(piece: str, size: int = _MB - 200) -> str:
    """As many of these as a document may hold."""
    return piece * (size // len(piece))


_ATTRIBUTES = [f"a{number}='b'" for number in range(80_000)]

ENVIRONMENTS = {
    "10 MB of a value": f'{_OPEN}{_ENTRY}{"x" * 10 * _MB}"/>{_CLOSE}',
    "10 MB of properties": _OPEN + _full(f'{_ENTRY}b"/>', 10 * _MB) + _CLOSE,
    "10 MB of blanks": " " * 10 * _MB,
    "as many properties as fit": _OPEN + _full(f'{_ENTRY}b"/>') + _CLOSE,
    "a tower": "<Environment>" + _full("<a>"),
    "a tower to the ground": "<Environment>"
    + "<a>" * 140_000
    + "</a>" * 140_000
    + "</Environment>",
    "a namespace as long as it gets": f'<Environment xmlns="{"u" * (_MB // 2)}">'
    + _full("<a/>", _MB // 2 - 200)
    + "</Environment>",
    "attributes": _OPEN + f"<Property {' '.join(_ATTRIBUTES)}/>" + _CLOSE,
    "a comment without an end": _OPEN + _full("<!--"),
    "unescaped, as many as fit": _OPEN + _full(f'{_ENTRY}&"/>') + _CLOSE,
    "unescaped ends in a value": _OPEN + _ENTRY + _full('&"/> ') + '"/>' + _CLOSE,
    "unescaped heads in a value": _OPEN + _ENTRY + "&" + _full(_ENTRY) + '"/>' + _CLOSE,
    "unescaped entities that never end": _OPEN + _ENTRY + _full("&#1") + '"/>' + _CLOSE,
    "a billion laughs": "<!DOCTYPE a [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(30))
    + "]><Environment>&a30;</Environment>",
    "a file of the host": "<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    "<Environment>&f;</Environment>",
    "a document type alone": "<!DOCTYPE Environment SYSTEM 'http://192.0.2.1/x.dtd'><Environment/>",
    "NULs": "\0" * 500 * _KB + "<Environment/>" + "\0" * 500 * _KB,
    "NULs inside": f'{_OPEN}{_ENTRY}a\0b"/>{_CLOSE}',
}
FILES = {
    "10 MB of YAML": ("a.yaml", "a.b: " + "x" * 10 * _MB),
    "10 MB of JSON": ("a.json", "[" * 10 * _MB),
    "a YAML tower": ("a.yaml", "[" * 255 * _KB),
    "a YAML tower of keys": ("a.yaml", "? " * 127 * _KB),
    "YAML keys": ("a.yaml", "".join(f"k{n}: v\n" for n in range(25_000))),
    "a billion laughs in YAML": (
        "a.yaml",
        "a0: &a0 [ha]\n" + "".join(f"a{n + 1}: &a{n + 1} [{f'*a{n},' * 10}]\n" for n in range(30)),
    ),
    "one long alias": ("a.yaml", f"a: &a {'x' * 100_000}\nb: [{'*a,' * 30_000}]\n"),
    "a YAML list": ("a.yaml", f"a.b: [{'1,' * 120_000}]"),
    "a YAML quote without an end": ("a.yaml", 'a: "' + "\n" * 255 * _KB),
    "a JSON tower": ("a.json", "[" * 255 * _KB),
    "a JSON number": ("a.json", '{"a.b": ' + "1" * 250 * _KB + "}"),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, bytes], str]:
    def read(kind: str, data: bytes) -> str:
        path = tmp_path / "document"
        _ = path.write_bytes(data)
        limits = (str(_CPU_S), str(_MEMORY_MB))
        argv = (sys.executable, "-I", "-c", _READER, str(ROOT), *limits, kind, str(path))
        return run(*argv).stdout

    return read


Read = Callable[[str, bytes], str]


@pytest.mark.outside
@pytest.mark.parametrize("how", ["environment", "guestinfo"])
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environments(name: str, how: str, read: Read) -> None:
    assert read(how, ENVIRONMENTS[name].encode()).startswith(("read", "refused"))


@pytest.mark.outside
@pytest.mark.parametrize("name", FILES)
def test_answers_files(name: str, read: Read) -> None:
    kind, text = FILES[name]
    assert read(kind, text.encode()).startswith(("read", "refused"))


@pytest.mark.outside
@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32", "cp037", "cp437"])
def test_environments_in_encodings_that_nobody_writes(encoding: str, read: Read) -> None:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{_OPEN}{_ENTRY}ö"/>{_CLOSE}'
    data = text.encode(encoding)
    assert read("environment", data).startswith("refused")


@pytest.mark.outside
def test_the_limits_are_felt() -> None:
    """Or none of the above would show anything."""
    hungry = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (192 << 20,) * 2); b'x' * 2**28"
    )
    done = run(sys.executable, "-I", "-c", hungry, check=False)
    assert "MemoryError" in done.stderr
