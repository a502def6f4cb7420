"""The check after the clean-up: what should not be there is found."""

from __future__ import annotations

import pytest

from agent.errors import CommandFailed
from packer.image.inspect import Finding, as_text, refuse_bad


def test_all_good_is_let_through() -> None:
    refuse_bad([Finding("/etc/machine-id", "empty", good=True)])


def test_what_is_bad_is_listed_by_name() -> None:
    findings = [
        Finding("/etc/machine-id", "empty", good=False),
        Finding("/var/lib/cloud", "absent", good=True),
    ]
    with pytest.raises(CommandFailed, match="/etc/machine-id should be: empty") as caught:
        refuse_bad(findings)
    assert "/var/lib/cloud" not in caught.value.message
    assert as_text(findings) == "BAD  /etc/machine-id: empty\nok   /var/lib/cloud: absent\n"
