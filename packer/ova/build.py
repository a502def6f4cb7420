"""From a raw disk to a finished OVA: describe, write the disk, pack, verify, rename."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent.errors import BandstandError, InputRefused, UsageError
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from agent.system.files import sync_folder
from agent.system.run import Run, run
from packer.ova.describe import Disk, Product, describe
from packer.ova.pack import pack, write_checksum, write_manifest
from packer.ova.profile import PROFILES, WIDE, Profile
from packer.ova.verify import fault_words, verify
from packer.ova.vmdk import write_vmdk

# The first moment that every archive format can say, where SOURCE_DATE_EPOCH names none.
_OLDEST_S = 315_532_800


def build_ova(
    raw: Path,
    target: Path,
    *,
    product: Product,
    profile: Profile,
    rows: Sequence[Row],
    stamp_s: int = _OLDEST_S,
    run: Run = run,
) -> Path:
    """Pack `raw` as `target`, which appears whole, verified and with its checksum, or not at all.

    Raises InputRefused with every fault of the input, or of the result.
    """
    base = target.name.removesuffix(".ova")
    with _work_folder(target) as folder:
        ovf, manifest, vmdk = (folder / f"{base}{end}" for end in (".ovf", ".mf", "-disk1.vmdk"))
        written = write_vmdk(raw, vmdk, profile=profile, run=run)
        disk = Disk(
            file_name=vmdk.name,
            file_bytes=written.file_bytes,
            capacity_bytes=written.capacity_bytes,
            populated_bytes=written.populated_bytes,
        )
        text = describe(product=product, profile=profile, rows=rows, disk=disk)
        ovf.write_text(text, encoding="utf-8")
        write_manifest(manifest, (ovf, vmdk), digest=profile.digest)
        packed = folder / target.name
        pack(packed, (ovf, manifest, vmdk), stamp_s=stamp_s)
        vmdk.unlink()
        return _publish(packed, target, rows, profile)


def _publish(packed: Path, target: Path, rows: Sequence[Row], profile: Profile) -> Path:
    """Verify, then rename; the old checksum goes first, so that it never lies about the new OVA."""
    beside = packed.with_name(f"{packed.name}.sha256")
    write_checksum(beside, packed)
    report = verify(packed, rows=rows, profiles=(profile,))
    if report.faults:
        raise InputRefused(report.faults)
    final = target.with_name(beside.name)
    final.unlink(missing_ok=True)
    packed.replace(target)
    beside.replace(final)
    sync_folder(str(target.parent))
    return target


@contextmanager
def _work_folder(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target, for a rename on one disk; a killed build's is replaced."""
    folder = target.with_name(f".{target.name}.work")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def product_of(name: str, version: str, *, title: str, vendor: str, url: str) -> Product:
    annotation = (
        f"{title} {version}. Left blank, every property has its default: the address comes from "
        f"DHCP. The console shows the address; go on at https://ADDRESS/cluster."
    )
    return Product(
        name=name, version=version, title=title, vendor=vendor, annotation=annotation, url=url
    )


def source_date_s() -> int:
    """The moment that the archive tells, by the convention of reproducible builds."""
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not said:
        return _OLDEST_S
    if not (said.isascii() and said.isdigit() and int(said) < 1 << 33):
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {said!r}", hint="accepted are whole seconds since 1970"
        )
    return int(said)


def main(arguments: Sequence[str] | None = None) -> int:
    """Pack a raw disk as an OVA: exit 0 when it stands, 2 on a wrong call, 3 with every fault."""
    asked = _parser().parse_args(arguments)
    product = product_of(
        asked.name, asked.version, title=asked.title, vendor=asked.vendor, url=asked.url
    )
    profile = next(one for one in PROFILES if one.name == asked.profile)
    try:
        built = build_ova(
            asked.raw,
            asked.target,
            product=product,
            profile=profile,
            rows=CORE.rows,
            stamp_s=source_date_s(),
        )
    except InputRefused as error:
        sys.stderr.writelines(f"{fault_words(fault)}\n" for fault in error.faults)
        return error.exit_code
    except BandstandError as error:
        sys.stderr.write(f"{error.message}{'; ' + error.hint if error.hint else ''}\n")
        return error.exit_code
    sys.stdout.write(f"{built}: {built.stat().st_size} bytes\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m packer.ova.build", description=main.__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="the finished raw disk")
    parser.add_argument("--target", type=Path, required=True, help="the .ova to write")
    parser.add_argument("--name", default="bandstand", help="of the virtual machine")
    parser.add_argument("--version", required=True)
    parser.add_argument("--title", default="Bandstand", help="the product as people read it")
    parser.add_argument("--vendor", default="Bandstand")
    parser.add_argument("--url", default="", help="of the product")
    parser.add_argument("--profile", choices=[one.name for one in PROFILES], default=WIDE.name)
    return parser


if __name__ == "__main__":
    sys.exit(main())
