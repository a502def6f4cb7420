"""A door to processes that starts none: it writes down what was asked, and answers from a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.system.run import Completed, failed


@dataclass(frozen=True)
class Call:
    """One program that would have run, and what it would have read."""

    argv: tuple[str, ...]
    stdin: str | None = None


Effect = Callable[[Call], None]


@dataclass(frozen=True)
class _Answer:
    returncode: int
    stdout: str
    stderr: str
    effect: Effect | None


@dataclass
class FakeRun:
    """Every program succeeds in silence unless `on` says otherwise; the longest prefix answers."""

    calls: list[Call] = field(default_factory=list[Call])
    _answers: dict[tuple[str, ...], _Answer] = field(default_factory=dict[tuple[str, ...], _Answer])

    def on(
        self,
        *prefix: str,
        returncode: int = 0,
        stdout: str = "",
        stderr: str = "",
        effect: Effect | None = None,
    ) -> None:
        """What a command that begins so answers; `effect` does what it would do."""
        self._answers[prefix] = _Answer(returncode, stdout, stderr, effect)

    def __call__(
        self,
        *argv: str,
        check: bool = True,
        stdin: str | None = None,
        timeout_s: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        call = Call(argv, stdin)
        self.calls.append(call)
        answer = self._answer(argv)
        if answer.effect is not None:
            answer.effect(call)
        done = Completed(argv, answer.returncode, answer.stdout, answer.stderr)
        if check and not done.ok:
            raise failed(done)
        return done

    def asked(self, *prefix: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.argv[: len(prefix)] == prefix)

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(call.argv[0] for call in self.calls)

    def _answer(self, argv: tuple[str, ...]) -> _Answer:
        fitting = [prefix for prefix in self._answers if argv[: len(prefix)] == prefix]
        if not fitting:
            return _Answer(0, "", "", None)
        return self._answers[max(fitting, key=len)]
