"""Who asks bandstand-apply, as a verb that has to know it, and the trail, see it."""

from __future__ import annotations

from agent.access.policy import Caller
from agent.access.session import Session
from agent.ask.serve import Peer
from agent.settings.declare import Face
from agent.typed import NamedTuple


class Asker(NamedTuple):
    """The other end of a connection; `by_recovery` where only the boot menu let it in."""

    peer: Peer
    session: Session
    by_recovery: bool = False

    @property
    def who(self) -> str:
        more = [
            *(["logged in"] if self.session.is_logged_in else []),
            *(["recovery"] if self.by_recovery else []),
        ]
        return f"{self.peer.user} ({', '.join((f'pid {self.peer.pid}', *more))})"

    @property
    def face(self) -> Face:
        """Where the person is who asks."""
        faces = {Caller.CONSOLE.value: Face.CONSOLE, Caller.PORTAL.value: Face.PORTAL}
        return faces.get(self.peer.user, Face.COMMAND)
