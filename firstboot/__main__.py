"""The entry of bandstand-firstboot, at every boot."""

from __future__ import annotations

import gc
import os
import sys

from agent.errors import BandstandError
from agent.typed import NoReturn


def main() -> NoReturn:
    """Run the sequence under the lock shared with bandstand-apply; 0 even where faults are told.

    Half of this process is imports, and it is short: looking for garbage meanwhile, and taking the
    interpreter apart at the end, would cost a tenth of it.
    """
    gc.disable()
    try:
        code = _boot()
    except BandstandError as error:
        _say(error.message, error.hint)
        code = error.exit_code
    _ = sys.stdout.flush()
    _ = sys.stderr.flush()
    os._exit(code)  # pyright: ignore[reportPrivateUsage] - its name, documented


def _boot() -> int:
    from agent.system.host import Host
    from agent.system.lock import locked
    from firstboot.sequence import boot

    host = Host()
    with locked(host.files) as lock:
        _ = boot(host, released=lock.released)
    return 0


def _say(*lines: str) -> None:
    _ = sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
