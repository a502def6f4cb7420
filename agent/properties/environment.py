"""The OVF environment: XML out of guestinfo or from a disc, as keys and texts.

Shapes seen in the field: facts of vSphere, its host client, govc and vCloud Director. DSP0243
section 11 describes the document; VMware appends bytes after the root on some versions.
"""

from __future__ import annotations

from xml.parsers import expat

from agent.errors import Fault, InputRefused

SETTING = "ovf-environment"
LARGEST_BYTES = 1 << 20

_BOM = "\ufeff"


def parse(document: str | bytes) -> dict[str, str]:
    """Every property by its full key; InputRefused where the XML is broken or not it."""
    if len(document) > LARGEST_BYTES:
        raise _refused(f"is larger than {LARGEST_BYTES} bytes")
    reader = _Reader()
    try:
        reader.read(_trimmed(document))
    except expat.ExpatError as error:
        if not reader.is_complete:
            raise _broken(error) from error
    except (ValueError, LookupError) as error:
        # An encoding that expat does not have: neither is one of its own errors.
        raise _refused(f"cannot be read ({error})") from error
    return reader.found


def _trimmed(document: str | bytes) -> str | bytes:
    if isinstance(document, str):
        return document.lstrip(f" \t\r\n\0{_BOM}")
    return document.lstrip(b" \t\r\n\0")


class _Reader:
    """Takes Property elements of the PropertySection right under the root; not those of the
    machine's siblings in a vApp, which stand in Entity elements.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.is_complete = False
        self._path: list[str] = []

    def read(self, document: str | bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        _ = parser.Parse(document, True)  # noqa: FBT003 - expat's own, the last piece

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(name))
        if self._path[0] != "Environment":
            raise _refused(f"begins with <{self._path[0][:40]}> instead of <Environment>")
        if self._path[1:] == ["PropertySection", "Property"]:
            values = {_local(key): value for key, value in attributes.items()}
            if "key" in values:
                self.found[values["key"]] = values.get("value", "")

    def _end(self, _: str) -> None:
        _ = self._path.pop()
        self.is_complete = not self._path


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise _refused("declares a document type or entities, which no platform writes")


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
