"""The descriptor: product, properties and hardware as an OVF envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from agent.errors import Fault, InputRefused
from agent.settings.declare import Row
from packer.ova.profile import Profile

DISK_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

# VMware Cloud Director refuses longer descriptions.
TEXT_LIMIT = 255

_TEMPLATES = Path(__file__).parents[2] / "templates" / "ovf"
_TITLES = {"tls": "TLS"}
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Product:
    """What the appliance is called; `name` is the virtual machine's, `title` what people read."""

    name: str
    version: str
    title: str
    vendor: str
    annotation: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Disk:
    """The packed disk; `populated_bytes` is what a thin disk takes at first."""

    file_name: str
    file_bytes: int
    capacity_bytes: int
    populated_bytes: int


@dataclass(frozen=True)
class Property:
    """One property as a client shows it; a blank value means unset."""

    key: str
    type: str
    value: str
    label: str
    description: str
    is_secret: bool


@dataclass(frozen=True)
class Category:
    """The properties of one class, under a numbered title, since clients sort titles."""

    name: str
    title: str
    properties: tuple[Property, ...]


def describe(*, product: Product, profile: Profile, rows: Sequence[Row], disk: Disk) -> str:
    """The descriptor's text; raises InputRefused with all that clients could not take."""
    faults = (*_text_faults(product), *_row_faults(rows))
    if faults:
        raise InputRefused(faults)
    return (
        _environment()
        .get_template("descriptor.ovf.j2")
        .render(
            product=product,
            profile=profile,
            categories=categories_of(rows),
            disk=disk,
            disk_format=DISK_FORMAT,
        )
    )


def categories_of(rows: Sequence[Row]) -> tuple[Category, ...]:
    groups = groupby(rows, key=lambda row: row.category)
    return tuple(
        Category(name, f"{number}. {title_of(name)}", tuple(property_of(row) for row in group))
        for number, (name, group) in enumerate(groups, start=1)
    )


def title_of(category: str) -> str:
    return _TITLES.get(category, category.replace("_", " ").replace("-", " ").capitalize())


def property_of(row: Row) -> Property:
    """A row as a property: free text that may stay blank, which no client can refuse.

    Only a switch that is always on or off is typed; every other type blocks the power-on of a
    machine whose field was left empty.
    """
    is_switch = row.kind.ovf_type == "boolean" and isinstance(row.default, bool)
    return Property(
        key=key_of(row),
        type="boolean" if is_switch else "string",
        value=str(row.default) if is_switch else "",
        label=row.label,
        description=description_of(row),
        is_secret=row.is_secret,
    )


def key_of(row: Row) -> str:
    """The property's key without its class."""
    return row.key.partition(".")[2]


def description_of(row: Row) -> str:
    """The help, and after it what blank means and an example, as far as clients take them."""
    text = row.help
    for more in _more_words(row):
        longer = f"{text} {more}"
        text = longer if len(longer) <= TEXT_LIMIT else text
    return text.replace("`", "")


def _more_words(row: Row) -> Iterator[str]:
    if row.default_text:
        yield f"Blank: {row.default_text.rstrip('.')}."
    if row.example and not row.kind.multiline:
        yield f"Example: {row.example}"


def _row_faults(rows: Sequence[Row]) -> Iterator[Fault]:
    seen: set[str] = set()
    for row in rows:
        if row.key in seen:
            yield Fault(row.key, "is declared twice; a client would drop the second one")
        seen.add(row.key)
        if not (_NAME.fullmatch(row.category) and _NAME.fullmatch(key_of(row))):
            accepted = "accepted is class.key in letters, digits, - and _"
            yield Fault(row.key, f"the name {row.key!r} is no property's: {accepted}")
        yield from _shown_faults(row)
    split = [name for name, _ in groupby(rows, key=lambda row: row.category)]
    for name in sorted({name for name in split if split.count(name) > 1}):
        yield Fault(name, "its settings are not declared together, so its class would come twice")


def _shown_faults(row: Row) -> Iterator[Fault]:
    for what, text in (("label", row.label), ("help", row.help)):
        if len(text) > TEXT_LIMIT:
            yield Fault(row.key, f"its {what} has {len(text)} characters, {TEXT_LIMIT} at most")
        if not text.strip():
            yield Fault(row.key, f"its {what} is empty, so a client would show nothing")
    for what, text in (("label", row.label), ("description", description_of(row))):
        if _NOT_XML.search(text):
            yield Fault(row.key, f"its {what} has a control character, which XML cannot carry")


def _text_faults(product: Product) -> Iterator[Fault]:
    for what in ("name", "version", "title", "vendor", "annotation", "url"):
        text: str = getattr(product, what)
        if _NOT_XML.search(text):
            yield Fault(what, "has a control character, which XML cannot carry")
        if not (text.strip() or what == "url"):
            yield Fault(what, "is empty; accepted is some text")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["attribute"] = _attribute
    return environment


def _attribute(text: str) -> Markup:
    """Text for an attribute, where a reader would turn a bare line end into a blank."""
    safe = str(escape(text))
    for character in "\t\n\r":
        safe = safe.replace(character, f"&#{ord(character)};")
    return Markup(safe)  # noqa: S704 - escaped above
