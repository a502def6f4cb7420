"""The shared configuration, pulled: verified, brought in force, kept, and only then worked with."""

from __future__ import annotations

from agent.accepted.store import Membership
from agent.cluster import snapshot
from agent.cluster.member import Member
from agent.cluster.shared import from_row
from agent.cluster.store import configuration
from agent.errors import NotNow


def pull(member: Member) -> bool:
    """Whether a newer version came in force. Raises what stands in its way, having kept the old."""
    with member.transaction() as connection:
        version = member.cluster(connection).config_version
        if version == member.shared.version:
            return False
        row = configuration.read(connection, version)
    if version < member.shared.version:
        raise NotNow(
            f"the database has version {version} of the configuration, "
            f"this node works with {member.shared.version}",
            hint="the database was restored from a backup: nothing older is taken over by itself",
            code="rolled-back",
        )
    if row is None:
        raise NotNow(f"the database lacks version {version} of the configuration")
    shared = from_row(member.keyring, row)
    member.site.change(Membership.MEMBER, shared.settings)
    snapshot.save(member.site.files, row)
    member.adopt(shared)
    return True
