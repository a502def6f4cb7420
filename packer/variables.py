"""The variables of a build, typed; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from agent.errors import UsageError
from packer.place import project

T = TypeVar("T")

# What the appliance may be made of, whoever builds it.
CPUS = range(1, 64 + 1)
MEMORY_MB = range(1024, 1_034_240 + 1)
DISK_GB = range(8, 2000 + 1)

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+~]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Accelerator(StrEnum):
    """How QEMU runs the guest."""

    AUTO = "auto"
    KVM = "kvm"
    TCG = "tcg"


@dataclass(frozen=True, kw_only=True)
class Variables:
    """What `make` hands over; sizes are those of the appliance, not of the build machine."""

    version: str
    disk_gb: int = 80
    cpus: int = 4
    memory_mb: int = 8192
    accelerator: Accelerator = Accelerator.AUTO
    build_cpus: int = 2
    build_memory_mb: int = 2048
    cloud_image_url: str = ""
    cloud_image_sha256: str = ""
    fresh: bool = False


@dataclass
class _Reader:
    raw: Mapping[str, str]
    faults: list[str] = field(default_factory=list[str])

    def take(self, name: str, default: T, parse: Callable[[str], T], accepted: str) -> T:
        text = self.raw.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError:
            self.faults.append(f"{name}: {text} is refused; accepted is {accepted}")
            return default

    def number(self, name: str, default: int, accepted: range) -> int:
        def parse(text: str) -> int:
            number = int(text)
            if number not in accepted:
                raise ValueError(text)
            return number

        words = f"a whole number from {accepted[0]} to {accepted[-1]}"
        return self.take(name, default, parse, words)


def read(raw: Mapping[str, str]) -> Variables:
    """The variables out of the environment. Raises UsageError with every fault, one a line."""
    reader = _Reader(raw)
    found = Variables(
        version=reader.take(
            "VERSION", str(project()["version"]), _matching(_VERSION), "a version such as 1.4.0"
        ),
        disk_gb=reader.number("DISK_GB", 80, DISK_GB),
        cpus=reader.number("CPUS", 4, CPUS),
        memory_mb=reader.number("MEMORY_MB", 8192, MEMORY_MB),
        accelerator=reader.take(
            "BANDSTAND_ACCEL", Accelerator.AUTO, Accelerator, ", ".join(Accelerator)
        ),
        build_cpus=reader.number("BUILD_CPUS", 2, range(1, 64 + 1)),
        build_memory_mb=reader.number("BUILD_MEMORY_MB", 2048, range(1024, 65_536 + 1)),
        cloud_image_url=reader.take("CLOUD_IMAGE_URL", "", _url, "an https, http or file URL"),
        cloud_image_sha256=reader.take(
            "CLOUD_IMAGE_SHA256", "", _matching(_SHA256), "64 hexadecimal digits in lower case"
        ),
        fresh=reader.take("FRESH", default=False, parse=_boolean, accepted="1 or 0"),
    )
    if bool(found.cloud_image_url) != bool(found.cloud_image_sha256) and not reader.faults:
        reader.faults.append(
            "CLOUD_IMAGE_URL and CLOUD_IMAGE_SHA256: only one is set; accepted is both or none"
        )
    if reader.faults:
        raise UsageError("\n".join(reader.faults))
    return found


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return parse


def _url(text: str) -> str:
    if text.startswith("file://") and Path(text.removeprefix("file://")).is_absolute():
        return text
    if text.startswith(("https://", "http://")):
        return text
    raise ValueError(text)


def _boolean(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]
