"""A short code in large letters, to be read from across a room or over the telephone."""

from __future__ import annotations

from dataclasses import dataclass

from firstboot.console.widgets.text import Look, Picture, Span

_ROWS = 5
_BITS = 5
# Five rows of five dots each, as numbers in base 32.
_FONT = {
    "0": "EHHHE", "1": "4C44E", "2": "U1EGV", "3": "U1E1U", "4": "HHV11", "5": "VGU1U",
    "6": "EGUHE", "7": "V1248", "8": "EHEHE", "9": "EHF1E", "A": "EHVHH", "B": "UHUHU",
    "C": "FGGGF", "D": "UHHHU", "E": "VGUGV", "F": "VGUGG", "G": "FGJHF", "H": "HHVHH",
    "I": "E444E", "J": "111HE", "K": "HIOIH", "L": "GGGGV", "M": "HRLHH", "N": "HPLJH",
    "O": "EHHHE", "P": "UHUGG", "Q": "EHLID", "R": "UHUIH", "S": "FGE1U", "T": "V4444",
    "U": "HHHHE", "V": "HHHA4", "W": "HHLRH", "X": "HA4AH", "Y": "HA444", "Z": "V248V",
    "-": "00E00",
}  # fmt: skip


@dataclass(frozen=True)
class Big:
    """Letters, digits and hyphens; what else stands there is left out. `text` is the same small."""

    text: str
    title: str = ""

    def draw(self, columns: int) -> Picture:
        signs = [_FONT[sign] for sign in self.text.upper() if sign in _FONT]
        signs = signs[: columns // (_BITS + 1)]
        lines = [
            (Span(" ".join(_dots(sign[row]) for sign in signs), Look.TITLE),)
            for row in range(_ROWS)
        ]
        return Picture(tuple(lines))


def _dots(digit: str) -> str:
    bits = f"{int(digit, 1 << _BITS):0{_BITS}b}"
    return bits.replace("0", " ").replace("1", "█")
