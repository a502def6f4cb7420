"""The manifest: one digest a line, in the one spelling that every client reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from agent.errors import Fault
from packer.ova.profile import Digest
from packer.ova.section import Section

_PIECE = 1 << 20
_LINE = re.compile(r"(?P<digest>SHA1|SHA256)\((?P<name>[^()]+)\)= (?P<hex>[0-9a-f]+)")


def line(digest: Digest, name: str, hexadecimal: str) -> str:
    return f"{digest}({name})= {hexadecimal}\n"


def digest_of(section: Section, digest: Digest) -> str:
    """The digest of a section in hexadecimal, read in pieces."""
    hashed = hashlib.new(digest.lower(), usedforsecurity=False)
    for position in range(0, section.size, _PIECE):
        hashed.update(section.read(position, _PIECE))
    return hashed.hexdigest()


def manifest_faults(
    text: str, *, digest: Digest, name: str, members: Mapping[str, Section]
) -> Iterator[Fault]:
    """All that is wrong with a manifest; `members` are the files that it must speak of."""
    told: dict[str, str] = {}
    for number, said in enumerate(text.splitlines(), start=1):
        matched = _LINE.fullmatch(said)
        if matched is None or matched["digest"] != digest:
            yield _spelling(name, number, said, digest)
        else:
            told[matched["name"]] = matched["hex"]
    for member, section in members.items():
        if member not in told:
            yield Fault(name, f"has no line for {member}", f"accepted is {digest}({member})= …")
        elif (true := digest_of(section, digest)) != told[member]:
            yield Fault(
                member,
                f"its {digest} digest is {true}, but the manifest says {told[member]}",
                "the file was damaged or changed after it was packed",
            )
    for stranger in sorted(set(told) - set(members)):
        yield Fault(name, f"has a line for {stranger}, which is not in the archive")


def _spelling(name: str, number: int, said: str, digest: Digest) -> Fault:
    return Fault(
        name,
        f"line {number} is {said[:80]!r}",
        f'accepted is "{digest}(file name)= hexadecimal digits", with no blank before the bracket',
    )
