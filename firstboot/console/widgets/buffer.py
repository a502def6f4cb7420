"""A text that is being typed, and where in it the cursor stands."""

from __future__ import annotations

from dataclasses import dataclass, field

# As long as the validator takes, and some, so that it is the one to say so.
LONGEST = 70_000


@dataclass(frozen=True)
class Buffer:
    """`at` counts from 0 to the end of the text; a repr never shows what may be a secret."""

    text: str = field(default="", repr=False)
    at: int = 0

    @classmethod
    def of(cls, text: str) -> Buffer:
        """With the cursor at its end."""
        return cls(text, len(text))

    def insert(self, typed: str) -> Buffer:
        typed = typed[: max(0, LONGEST - len(self.text))]
        return Buffer(self.text[: self.at] + typed + self.text[self.at :], self.at + len(typed))

    def backspace(self) -> Buffer:
        if not self.at:
            return self
        return Buffer(self.text[: self.at - 1] + self.text[self.at :], self.at - 1)

    def delete(self) -> Buffer:
        return Buffer(self.text[: self.at] + self.text[self.at + 1 :], self.at)

    def move(self, by: int) -> Buffer:
        return Buffer(self.text, min(max(0, self.at + by), len(self.text)))

    def home(self) -> Buffer:
        return Buffer(self.text, self.text.rfind("\n", 0, self.at) + 1)

    def end(self) -> Buffer:
        found = self.text.find("\n", self.at)
        return Buffer(self.text, len(self.text) if found < 0 else found)

    def line(self, by: int) -> Buffer | None:
        """The same column some lines away; None where there is no such line."""
        lines, (column, row) = self.text.split("\n"), self.place
        wanted = row + by
        if not 0 <= wanted < len(lines):
            return None
        start = sum(len(one) + 1 for one in lines[:wanted])
        return Buffer(self.text, start + min(column, len(lines[wanted])))

    @property
    def place(self) -> tuple[int, int]:
        """Column and row of the cursor."""
        before = self.text[: self.at]
        return self.at - (before.rfind("\n") + 1), before.count("\n")
