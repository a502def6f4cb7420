"""What was measured, as ratios between contestants of one round; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Round = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """What is compared; `must` is the highest ratio that is good enough, None where it is only
    published. `gates`: it does not move with the machine's load, so missing it fails the run.
    """

    name: str
    what: str
    unit: str
    must: float | None = None
    gates: bool = False


YARDSTICKS = (
    Yardstick(name="A1", what="CPU of the job, in a container", unit="ms", must=0.45),
    Yardstick(name="A2", what="instructions in user space", unit="M", must=0.65, gates=True),
    Yardstick(
        name="A3", what="instructions of the job, the kernel's too", unit="M", must=0.42, gates=True
    ),
    Yardstick(name="A4", what="instructions added to the boot", unit="M", must=0.30),
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
        return tuple(ours / theirs for ours, theirs in self.rounds)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        return self.yardstick.must is None or self.ratio <= self.yardstick.must

    def as_json(self) -> dict[str, object]:
        return {
            "yardstick": self.yardstick.name,
            "what": self.yardstick.what,
            "unit": self.yardstick.unit,
            "n": len(self.rounds),
            "bandstand": [ours for ours, _ in self.rounds],
            "ci-lean": [theirs for _, theirs in self.rounds],
            "ratio": self.ratio,
            "must": self.yardstick.must,
            "met": self.is_met,
        }

    def row(self) -> tuple[str, ...]:
        """For the table: the median, and the span in brackets."""
        ours, theirs = zip(*self.rounds, strict=True)
        must = "-" if self.yardstick.must is None else f"<= {self.yardstick.must:.2f}"
        word = "-" if self.yardstick.must is None else "yes" if self.is_met else "NO"
        unit = self.yardstick.unit
        return (
            self.yardstick.name,
            self.yardstick.what,
            str(len(self.rounds)),
            _span(ours, unit),
            _span(theirs, unit),
            _span(self.ratios, "", digits=2),
            must,
            word,
        )


HEAD = ("", "what", "n", "bandstand", "ci-lean", "ratio", "must", "met")


def table(figures: Sequence[Figure]) -> str:
    """As Markdown."""
    rows = [HEAD, ("---",) * len(HEAD), *(figure.row() for figure in figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


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
