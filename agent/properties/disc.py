"""Discs in any CD drive: the OVF environment whatever the label, answers files by the label."""

from __future__ import annotations

from agent.properties import answers_file, mount, udev
from agent.system.host import Host
from agent.typed import NamedTuple

_DRIVES = "sr*"
_LARGEST_BYTES = 1 << 20
# Lower case: discs without Rock Ridge or Joliet give upper-case names.
_NAMES = ("ovf-env.xml", "ovf_env.xml")
# ISO 9660: the volume's name in the first descriptor, after 16 sectors and 40 bytes.
_LABEL_OFFSET, _LABEL_BYTES = 16 * 2048 + 40, 32


class Disc(NamedTuple):
    """What was found: an environment, or else an answers file by name on a disc of our label."""

    said: str
    environment: bytes | None = None
    answers: tuple[str, bytes] | None = None


def drives(host: Host) -> tuple[str, ...]:
    """The CD drives that the kernel has, once udev has tried every device's driver.

    The wait is taken only here: a node whose properties came through guestinfo never pays for it.
    """
    found = host.files.names("/dev", _DRIVES)
    if found:
        return found
    udev.wait(host)
    return host.files.names("/dev", _DRIVES)


def loaded(host: Host) -> tuple[str, ...]:
    """The drives in which udev has seen a file system: asked on later boots, when it is done."""
    return tuple(
        drive
        for drive in host.files.names("/dev", _DRIVES)
        if udev.has_filesystem(host.files, drive.rpartition("/")[2])
    )


def read(host: Host, drive: str) -> Disc:
    with mount.mounted(host, drive, "iso9660") as problem:
        if problem:
            return Disc(f"{drive}: no disc that can be read ({problem})")
        try:
            found = _read(host, drive)
        except OSError as error:
            found = Disc(f"cannot be read ({error.strerror})")
    return found._replace(said=f"{drive}: {found.said}")


def _read(host: Host, drive: str) -> Disc:
    name = mount.find(host, *_NAMES)
    if name is not None:
        return Disc("found", host.files.read_foreign(name, largest_bytes=_LARGEST_BYTES))
    if not _is_ours(host, drive):
        return Disc("no ovf-env.xml")
    answers = answers_file.on_medium(host)
    said = f"answers.{{yaml,json}}, by its label {mount.LABEL}" if answers is None else answers[0]
    return Disc(f"no {said}" if answers is None else f"{said} found", answers=answers)


def _is_ours(host: Host, drive: str) -> bool:
    found = host.files.read_part(drive, offset=_LABEL_OFFSET, length=_LABEL_BYTES)
    return found.rstrip(b" \0") == mount.LABEL.encode()
