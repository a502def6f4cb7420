"""An answers file on any medium with our label: a disk, a stick; CD drives are looked at before."""

from __future__ import annotations

from agent.properties import answers_file, mount, udev
from agent.system.host import Host
from agent.typed import NamedTuple

LINK = f"/dev/disk/by-label/{mount.LABEL}"
NAME = f"medium {mount.LABEL}"


class Medium(NamedTuple):
    """What was found: an answers file, its name and its bytes."""

    said: str
    answers: tuple[str, bytes] | None = None


def read(host: Host) -> Medium | None:
    """None where the medium is a disc in a CD drive, which has been looked at.

    udev makes the link, on most machines before the root file system is mounted: it is waited for
    only where a disk came that it has not seen.
    """
    if not host.files.exists(LINK) and udev.is_behind(host.files):
        udev.wait(host)
    if not host.files.exists(LINK):
        return Medium(f"{NAME}: none")
    if host.files.path(LINK).resolve().name.startswith("sr"):
        return None
    with mount.mounted(host, LINK, *mount.ANY) as problem:
        if problem:
            return Medium(f"{NAME}: cannot be read ({problem})")
        try:
            answers = answers_file.on_medium(host)
        except OSError as error:
            return Medium(f"{NAME}: cannot be read ({error.strerror})")
    if answers is None:
        return Medium(f"{NAME}: no answers.yaml or answers.json")
    return Medium(f"{NAME}: {answers[0]} found", answers)
