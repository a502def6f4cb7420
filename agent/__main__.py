"""The command `bandstand`: which noun, in words or as JSON, and one catcher for what goes wrong."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.commands.answer import Answer, Command, Group
from agent.errors import BandstandError, InputRefused, UsageError
from agent.typed import NoReturn

_INTERRUPTED = 130
_DEBUG = "BANDSTAND_DEBUG"


# A noun is imported when it is named: start-up is what a command costs.
def _status(group: Group) -> None:
    from agent.commands import status

    status.add(group)


def _network(group: Group) -> None:
    from agent.commands import network

    network.add(group)


def _node(group: Group) -> None:
    from agent.commands import node

    node.add(group)


def _settings(group: Group) -> None:
    from agent.commands import settings

    settings.add(group)


def _cluster(group: Group) -> None:
    from agent.commands import cluster

    cluster.add(group)


@dataclass(frozen=True)
class Noun:
    """A word of the command line: what it is about, and what adds its verbs."""

    about: str
    add: Callable[[Group], None]


NOUNS: Mapping[str, Noun] = {
    "status": Noun("how this node stands", _status),
    "network": Noun("the card's settings: show, try, keep, take back", _network),
    "node": Noun("this node: its facts, certificate and services", _node),
    "settings": Noun("check answers, explain settings", _settings),
    "cluster": Noun("make, join and look after the cluster", _cluster),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as every error is said, in words or as JSON."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=self.format_usage().strip())


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes are those of agent.errors; 130 when interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    is_json = "--json" in words
    try:
        return _run([word for word in words if word != "--json"], is_json=is_json)
    except BandstandError as error:
        _complain(error, is_json=is_json)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _mute()
        return 1
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        _complain(_unknown(error), is_json=is_json)
        return 1


def _run(words: Sequence[str], *, is_json: bool) -> int:
    if not words:
        _ = sys.stdout.write(_parser("").format_help())
        return 0
    args = _parser(_noun(words)).parse_args(words)
    command: Command | None = getattr(args, "run", None)
    if command is None:
        noun = _noun(words)
        raise UsageError(f"{noun} needs a verb", hint=f"bandstand {noun} --help lists them")
    args.json = is_json
    answered = command(args)
    exit_code = 0
    for answer in (answered,) if isinstance(answered, Answer) else answered:
        _say(answer, is_json=is_json)
        exit_code = answer.exit_code
    return exit_code


def _noun(words: Sequence[str]) -> str:
    return next((word for word in words if not word.startswith("-")), "")


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The whole list of nouns, but the verbs of the chosen one only."""
    parser = _Parser(prog="bandstand", description="Configure and look after this node.")
    _ = parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    group = parser.add_subparsers(metavar="NOUN", required=True)
    for name, noun in NOUNS.items():
        if name == chosen:
            noun.add(group)
        else:
            _ = group.add_parser(name, help=noun.about)
    return parser


def _say(answer: Answer, *, is_json: bool) -> None:
    text = json.dumps(dict(answer.data)) if is_json else answer.words.rstrip("\n")
    _ = sys.stdout.write(text + "\n")
    _ = sys.stdout.flush()


def _complain(error: BandstandError, *, is_json: bool) -> None:
    """On standard error, so that what was said before it stays usable."""
    if is_json:
        said: dict[str, object] = dict(error.as_json())
        if isinstance(error, InputRefused):
            said["faults"] = [fault.as_json() for fault in error.faults]
        _ = sys.stderr.write(json.dumps({"error": said}) + "\n")
        return
    _ = sys.stderr.write(f"{error.message}\n")
    hints = [fault.hint for fault in error.faults] if isinstance(error, InputRefused) else []
    for hint in dict.fromkeys((error.hint, *hints)):
        _ = sys.stderr.write(f"  {hint}\n" if hint else "")


def _unknown(error: Exception) -> BandstandError:
    return BandstandError(
        f"an error of the program itself: {type(error).__name__}: {error}",
        hint=f"{_DEBUG}=1 shows where; please report it",
        code="internal",
    )


def _mute() -> None:
    """The reader of our output left; nothing may be written to it any more, not even at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    _ = os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
