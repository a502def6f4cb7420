"""The OVF environment: XML out of guestinfo or from a disc, as keys and texts.

Shapes seen in the field: facts of vSphere, its host client, govc and vCloud Director. DSP0243
section 11 describes the document; VMware appends bytes after the root on some versions.
"""

from __future__ import annotations

from xml.parsers import expat

from agent.errors import Fault, InputRefused
from agent.properties.answers import Raw

SETTING = "ovf-environment"
LARGEST_BYTES = 1 << 20

_BOM = "\ufeff"
# What a decoder leaves of bytes that are none of its characters.
_LOST = "\ufffd"
_SHOWN = 40
_DEPTH = 3


def parse(document: str | bytes) -> Raw:
    """Every property by its full key; InputRefused where the XML is broken or not it.

    Broken XML as govc writes it is read as it was meant, as far as that is one thing only.
    """
    if len(document) > LARGEST_BYTES:
        raise _refused(f"is larger than {LARGEST_BYTES} bytes")
    document = _trimmed(document)
    reader = _Reader()
    try:
        reader.read(document)
    except expat.ExpatError as error:
        if not reader.is_complete:
            return _recovered(document, error)
    except (ValueError, LookupError) as error:
        # An encoding that expat does not have: neither is one of its own errors.
        raise _refused("cannot be read: its encoding is not one known here") from error
    return _legible(reader.found)


def _trimmed(document: str | bytes) -> str | bytes:
    if isinstance(document, str):
        return document.lstrip(f" \t\r\n\0{_BOM}")
    return document.lstrip(b" \t\r\n\0")


class _Reader:
    """Takes Property elements of the PropertySection right under the root; not those of the
    machine's siblings in a vApp, which stand in Entity elements.

    Without namespaces: nobody else's elements stand there, and expat would write the whole name of
    a namespace, however long, out for every element.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.is_complete = False
        self._path: list[str] = []

    def read(self, document: str | bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        _ = parser.Parse(document, True)  # noqa: FBT003 - expat's own, the last piece

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(name))
        if len(self._path) == 1 and self._path[0] != "Environment":
            raise _refused(f"begins with <{self._path[0][:_SHOWN]}> instead of <Environment>")
        # The depth first: a tower of elements would be copied at every one of its floors.
        if len(self._path) == _DEPTH and self._path[1:] == ["PropertySection", "Property"]:
            values = {_local(key): value for key, value in attributes.items()}
            if "key" in values:
                self.found[values["key"]] = values.get("value", "")

    def _end(self, _: str) -> None:
        _ = self._path.pop()
        self.is_complete = not self._path


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise _refused("declares a document type or entities, which no platform writes")


def _recovered(document: str | bytes, error: expat.ExpatError) -> Raw:
    # Only a node that was given such a document pays for it.
    from agent.properties import unescaped

    try:
        text = document if isinstance(document, str) else document.decode()
    except UnicodeDecodeError as mistake:
        raise _refused("is not in the encoding that it names, or not in UTF-8") from mistake
    found = unescaped.read(text.lstrip(_BOM))
    if found is None:
        raise _broken(error) from error
    return found


def _legible(texts: dict[str, str]) -> Raw:
    """A text that lost characters on its way would be a wrong password, so it counts as none."""
    lost = [key for key, text in texts.items() if _LOST in text]
    faults = tuple(
        Fault(
            key,
            "the value given lost characters on its way; accepted is text in UTF-8",
            "Write it without special characters, or give it at the console.",
            code="environment",
        )
        for key in lost
    )
    return Raw({key: text for key, text in texts.items() if key not in lost}, faults)


def _refused(problem: str) -> InputRefused:
    hint = "Deploy again, or give the settings at the console."
    return InputRefused(
        (Fault(SETTING, f"the OVF environment {problem}", hint, code="environment"),)
    )


def _broken(error: expat.ExpatError) -> InputRefused:
    place = f"line {error.lineno}, column {error.offset + 1}"
    message = (
        f"the OVF environment is not well-formed XML ({place}: {expat.ErrorString(error.code)})"
    )
    hint = "A value with &, < or a quote may have been written without escaping, as govc does."
    return InputRefused((Fault(SETTING, message, hint, code="environment"),))
