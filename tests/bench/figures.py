"""What was measured, as ratios between contestants of one round; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

Round = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """What is compared; `must` is the highest ratio that is good enough, None where it is only
    published; `most` is the highest figure of ours, where that counts instead. `gates`: it does
    not move with the machine's load, so missing it fails the run. `beside`: who is compared.
    """

    name: str
    what: str
    unit: str
    must: float | None = None
    most: float | None = None
    gates: bool = False
    beside: str = "ci-lean"


YARDSTICKS = (
    Yardstick(name="A1", what="CPU of the job, in a container", unit="ms", must=0.45),
    Yardstick(name="A2", what="instructions in user space", unit="M", must=0.65, gates=True),
    Yardstick(
        name="A3", what="instructions of the job, the kernel's too", unit="M", must=0.42, gates=True
    ),
    Yardstick(name="A4", what="instructions added to the boot", unit="M", must=0.30, gates=True),
    Yardstick(
        name="A5",
        what="start of user space to address and route, in a container",
        unit="ms",
        must=0.60,
    ),
    Yardstick(name="A6", what="start of QEMU to a page over TLS", unit="s", must=0.85),
    Yardstick(name="A7", what="CPU of the second boot's job, in a container", unit="ms", must=0.15),
    Yardstick(name="A8", what="CPU of the job and all that a first boot does besides", unit="ms"),
)


@dataclass(frozen=True)
class Figure:
    """The rounds of one yardstick: ours and cloud-init's, of the same round."""

    yardstick: Yardstick
    rounds: tuple[Round, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(ours / theirs if theirs else inf for ours, theirs in self.rounds)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        must, most = self.yardstick.must, self.yardstick.most
        is_little = most is None or median(ours for ours, _ in self.rounds) <= most
        return is_little and (must is None or self.ratio <= must)

    def as_json(self) -> dict[str, object]:
        return {
            "yardstick": self.yardstick.name,
            "what": self.yardstick.what,
            "unit": self.yardstick.unit,
            "n": len(self.rounds),
            "bandstand": [ours for ours, _ in self.rounds],
            self.yardstick.beside: [theirs for _, theirs in self.rounds],
            "ratio": self.ratio if self.ratio != inf else None,
            "must": self.yardstick.must,
            "most": self.yardstick.most,
            "met": self.is_met,
        }

    def row(self) -> tuple[str, ...]:
        """For the table: the median, and the span in brackets."""
        ours, theirs = zip(*self.rounds, strict=True)
        unit = self.yardstick.unit
        must, word = self._verdict()
        return (
            self.yardstick.name,
            self.yardstick.what,
            str(len(self.rounds)),
            _span(ours, unit),
            _span(theirs, unit),
            _span(self.ratios, "", digits=2) if inf not in self.ratios else "-",
            must,
            word,
        )

    def _verdict(self) -> tuple[str, str]:
        """The bars, and whether they are met."""
        yardstick = self.yardstick
        bars = [
            *([f"<= {yardstick.must:.2f}"] if yardstick.must is not None else []),
            *([f"<= {yardstick.most:g} {yardstick.unit}"] if yardstick.most is not None else []),
        ]
        return (", ".join(bars), "yes" if self.is_met else "NO") if bars else ("-", "-")


def table(figures: Sequence[Figure]) -> str:
    """As Markdown; all of them beside the same one."""
    beside = dict.fromkeys(figure.yardstick.beside for figure in figures)
    head = ("", "what", "n", "bandstand", " ".join(beside), "ratio", "must", "met")
    rows = [head, ("---",) * len(head), *(figure.row() for figure in figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_measured(page: str, measured: str, *, what: str) -> str:
    """The page with the part between the two marks of this name replaced."""
    begin, end = f"<!-- {what} -->\n", f"<!-- end of {what} -->\n"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{measured}{end}{after}"


def failed(figures: Sequence[Figure]) -> tuple[str, ...]:
    """The names of those that gate and were missed."""
    return tuple(
        figure.yardstick.name for figure in figures if figure.yardstick.gates and not figure.is_met
    )


def _span(values: Sequence[float], unit: str, *, digits: int | None = None) -> str:
    middle = median(values)
    wanted = digits if digits is not None else (1 if middle < 100 else 0)
    shown = [f"{value:.{wanted}f}" for value in (middle, min(values), max(values))]
    return f"{shown[0]}{' ' + unit if unit else ''} ({shown[1]}..{shown[2]})"
