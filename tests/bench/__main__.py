"""make bench: the yardsticks, each beside cloud-init trimmed to the same job, in the same run.

    python -m tests.bench [A1 A2 ...] [--rounds N] [--write]

Writes build/bench.json, prints the table, and with --write puts it into docs/bench.md.
Ends with 1 when a yardstick that no load can move misses its bar.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.boots import Boots
from tests.bench.chroot import Callgrind
from tests.bench.figures import YARDSTICKS, Figure, Round, failed, table, with_measured
from tests.bench.guests import Count, Guests
from tests.bench.job import Contestant, Job
from tests.bench.layers import Layers
from tests.lab import accel
from tests.lab.call import LabError
from tests.lab.fleet import BUILD, image_tree
from tests.lab.network import Network
from tests.lab.progress import Progress
from tests.lab.site import Site

_NAMES = tuple(yardstick.name for yardstick in YARDSTICKS)
_IN_CONTAINERS = ("A1", "A5", "A7", "A8")
_COUNTED = ("A3", "A4")
_ROUNDS = {"boots": 9, "callgrind": 2, "counts": 2, "pages": 5}
_DOCS = Path(__file__).parents[2] / "docs" / "bench.md"
OURS, LEAN, FLOOR, WHOLE = (
    Contestant.OURS,
    Contestant.LEAN,
    Contestant.FLOOR,
    Contestant.WHOLE,
)
Found = dict[str, list[Round]]


def main() -> int:
    asked = _arguments()
    progress = Progress({})
    try:
        with Site() as site:
            network = Network(site)
            job = Job(network.address(21), network.gateway)
            with progress.step("the product's own first boot, for what everybody starts from"):
                layers = Layers(site, network, image_tree(), job)
            bench = _Bench(site, network, layers, progress, asked.rounds)
            found = bench.run(asked.yardsticks or _NAMES)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    figures = [Figure(one, tuple(found[one.name])) for one in YARDSTICKS if found.get(one.name)]
    _publish(figures, is_kept=asked.write)
    missed = failed(figures)
    if missed:
        sys.stderr.write(f"missed: {', '.join(missed)}\n")
    return 1 if missed else 0


class _Bench:
    """Runs what was asked for; yardsticks that share a boot are measured by the same ones."""

    def __init__(
        self, site: Site, network: Network, layers: Layers, progress: Progress, rounds: int
    ) -> None:
        self._site, self._network, self._layers = site, network, layers
        self._progress, self._rounds = progress, rounds

    def run(self, names: tuple[str, ...]) -> Found:
        found: Found = {name: [] for name in names}
        if "A2" in names:
            found["A2"] = self._callgrind()
        if set(names) & set(_IN_CONTAINERS):
            self._boots(found)
        if set(names) & {*_COUNTED, "A6"}:
            self._guests(found)
        return found

    def _times(self, what: str) -> int:
        return self._rounds or _ROUNDS[what]

    def _callgrind(self) -> list[Round]:
        callgrind = Callgrind(self._site, self._layers)
        rows: list[Round] = []
        for number in range(self._times("callgrind")):
            with self._progress.step(f"callgrind, round {number + 1}"):
                ours, theirs = (callgrind.instructions(one) / 1e6 for one in (OURS, LEAN))
            rows.append((ours, theirs))
        return rows

    def _boots(self, found: Found) -> None:
        boots = Boots(self._site, self._network, self._layers)
        with self._progress.step("boots in containers"):
            who = [OURS, LEAN, *([WHOLE] if "A8" in found else [])]
            for boot in boots.rounds(self._times("boots"), who, twice="A7" in found):
                ours, theirs = boot[OURS], boot[LEAN]
                _add(found, "A1", (ours.cpu_ms, theirs.cpu_ms))
                _add(found, "A5", (ours.address_ms, theirs.address_ms))
                if ours.again_cpu_ms is not None and theirs.again_cpu_ms is not None:
                    _add(found, "A7", (ours.again_cpu_ms, theirs.again_cpu_ms))
                if WHOLE in boot:
                    _add(found, "A8", (boot[WHOLE].cpu_ms, theirs.cpu_ms))

    def _guests(self, found: Found) -> None:
        chosen = accel.choose(self._site, next(self._layers.tree.glob("boot/vmlinuz-*"), None))
        guests = Guests(self._site, self._network, self._layers, chosen)
        if set(found) & set(_COUNTED):
            self._counts(found, guests)
        if "A6" in found:
            found["A6"] = self._pages(guests)
        if guests.tally.panics:
            self._progress.say(
                f"kernels that panicked and were booted again: {guests.tally.panics}"
            )

    def _counts(self, found: Found, guests: Guests) -> None:
        for number in range(self._times("counts")):
            seen: dict[Contestant, Count] = {}
            for contestant in (OURS, LEAN, FLOOR)[: 3 if "A4" in found else 2]:
                with self._progress.step(f"{contestant} under -icount, round {number + 1}"):
                    seen[contestant] = guests.count(contestant)
            _add(found, "A3", (seen[OURS].job, seen[LEAN].job))
            if FLOOR in seen:
                floor = seen[FLOOR].boot
                _add(found, "A4", (seen[OURS].boot - floor, seen[LEAN].boot - floor))

    def _pages(self, guests: Guests) -> list[Round]:
        rows: list[Round] = []
        for number in range(self._times("pages")):
            order = (OURS, LEAN) if number % 2 == 0 else (LEAN, OURS)
            with self._progress.step(f"pages, round {number + 1}"):
                seen = {contestant: guests.page_s(contestant) for contestant in order}
            rows.append((seen[OURS], seen[LEAN]))
        return rows


def _add(found: Found, name: str, row: Round) -> None:
    if name in found:
        found[name].append(row)


def _publish(figures: list[Figure], *, is_kept: bool) -> None:
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = os.getloadavg()[0]
    machine = f"{os.cpu_count()} processors, {platform.machine()}, load {load:.1f} at the end"
    content = {"when": when, "machine": machine, "figures": [one.as_json() for one in figures]}
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(content, indent=1) + "\n")
    text = table(figures)
    sys.stdout.write(f"\n{text}\n")
    if is_kept:
        command = " ".join(["python -m tests.bench", *sys.argv[1:]])
        measured = f"Measured {when} by `{command}` on {machine}.\n\n{text}"
        _DOCS.write_text(with_measured(_DOCS.read_text(), measured, what="figures"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("yardsticks", nargs="*", metavar="A1..A8", type=_known, default=())
    parser.add_argument("--rounds", type=_positive, default=0, help="instead of each one's own")
    parser.add_argument("--write", action="store_true", help="put the table into docs/bench.md")
    asked = parser.parse_args()
    asked.yardsticks = tuple(asked.yardsticks)
    return asked


def _known(text: str) -> str:
    if text not in _NAMES:
        raise argparse.ArgumentTypeError(f"{text!r}: accepted is one of {', '.join(_NAMES)}")
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: accepted is a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
