"""The entry of bandstand-firstboot, at every boot."""

from __future__ import annotations

import sys

from agent.errors import BandstandError
from agent.system.host import Host
from agent.system.lock import locked
from firstboot.sequence import boot


def main() -> int:
    """Run the sequence under the lock shared with bandstand-apply; 0 even where faults are told."""
    host = Host()
    try:
        with locked(host.files):
            outcome = boot(host)
    except BandstandError as error:
        _ = sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return error.exit_code
    for fault in outcome.faults:
        _ = sys.stderr.write(f"{fault.setting}: {fault.message} {fault.hint}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
