"""A code that somebody typed, judged: slower with each wrong one, and then there is another."""

from __future__ import annotations

import hmac

from agent.access import attempts, code
from agent.access.places import alone
from agent.system.clock import Clock
from agent.system.files import Files

SUBJECT = "code"
MOST_WRONG = 5


def is_right(files: Files, clock: Clock, typed: str) -> bool:
    """Whether it is the code that holds; for a node that is not claimed.

    Raises NotNow while tries have to wait. The fifth wrong one makes a new code: it stands on the
    console, so that who guesses begins anew, and who may read it just reads it again.
    """
    attempts.begin(files, clock, SUBJECT)
    with alone(files, clock):
        now = code.load(files)
        if now is None:
            return False
        same = hmac.compare_digest(code.plain(typed).encode(), code.plain(now.text).encode())
        if same:
            code.save(files, now._replace(wrong=0))
        elif now.wrong + 1 >= MOST_WRONG:
            _ = code.renewed(files, clock)
        else:
            code.save(files, now._replace(wrong=now.wrong + 1))
    if same:
        attempts.clear(files, clock, SUBJECT)
    return same
