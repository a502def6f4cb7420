"""A node and its cluster over time: waits for an act, joins, lives as a member, and tells.

none -> making | joining -> member -> failed (removed, or copied)
        making | joining -> failed (finally refused: the node is as if it had never asked)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace

from agent.accepted import acts, claim, store
from agent.accepted.store import Membership
from agent.cluster import beat, identity, init, standing
from agent.cluster.draft import Wish
from agent.cluster.init import OCCUPIED, Begun
from agent.cluster.join import Join
from agent.cluster.life import Life
from agent.cluster.member import Member, open_member
from agent.cluster.refusal import Code, is_final
from agent.cluster.report import Belonging, Report, Reporter, fault_of
from agent.cluster.site import Site
from agent.cluster.standing import Stage, Standing
from agent.cluster.wish import wish_of
from agent.errors import BandstandError, Fault, InputRefused, NotNow
from agent.settings.secret import Secret
from agent.steps.journal import Entry
from agent.steps.run import Tell
from agent.typed import Protocol
from agent.values import join_string
from agent.values.join_string import JoinString

ACT = claim.JOIN

_HALF_BEGUN = Fault(
    claim.INIT,
    "the cluster was made, but not brought in force on this node",
    "call bandstand cluster init again: it goes on, and shows a recovery phrase",
)

log = logging.getLogger(__name__)


class Door(Protocol):
    """The peer server, opened once this node has a certificate of its cluster."""

    def open(self, site: Site, node_id: str, member: Callable[[], Member | None]) -> None: ...

    def close(self) -> None: ...


class Resident:
    """All calls come from threads and take turns; only `halt` and `member` do not wait."""

    def __init__(self, site: Site, door: Door) -> None:
        self.site = replace(site, pause=self._pause)
        self.reporter = Reporter(site.files, site.clock)
        self._door = door
        self._turn = threading.Lock()
        self._halting = threading.Event()
        self._life: Life | None = None
        self._refusal: tuple[Fault, ...] = ()
        # What is tried now.
        self._act = ACT
        self._retry_s = site.timing.retry_s

    @property
    def member(self) -> Member | None:
        """The member at work; None before this node is one."""
        return self._life.member if self._life else None

    def entered(self) -> Member | None:
        """The same; a member by what lies on its disk begins its work here at the latest."""
        if self.member is None and _is_member(standing.load(self.site.files)):
            with self._turn:
                _ = self._enter_if_member()
        return self.member

    def require_member(self) -> Member:
        member = self.entered()
        if member is None:
            raise NotNow(
                "this node belongs to no cluster",
                hint="bandstand cluster init makes one, bandstand cluster join enters one",
            )
        return member

    def round(self) -> float:
        """One look at what is to be done now; how many seconds until the next."""
        with self._turn:
            try:
                return self._look()
            except BandstandError as error:
                return self._wait_for(error)

    def init(self, wish: Wish, *, tell: Callable[[str], None]) -> Begun:
        with self._turn:
            begun = init.init(self.site, wish, tell=tell)
            self._refusal = ()
            self._enter()
        return begun

    def join(self, wanted: JoinString, *, tell: Tell) -> None:
        """As a person asks: what fails is told at once, and taken back as far as it can be."""
        with self._turn:
            if self.member is not None:
                raise NotNow(
                    "this node belongs to a cluster already",
                    hint="bandstand cluster status shows it",
                )
            self._act = ACT
            try:
                self._join(wanted, tell)
            except BandstandError as error:
                self._give_up_unless_granted()
                if standing.load(self.site.files) is None:
                    self.reporter.tell(Report())
                else:
                    faults = self._faults_of(error)
                    self.reporter.tell(replace(self.reporter.last, faults=faults, waits=True))
                raise

    def halt(self) -> None:
        """Whatever waits, ends."""
        self._halting.set()

    def close(self) -> None:
        with self._turn:
            if self._life is not None:
                self._life.member.close()

    def _look(self) -> float:
        if self._enter_if_member():
            return self._live()
        stand = standing.load(self.site.files)
        wished = acts.pending(self.site.files).get(claim.INIT)
        # A node that joins and has the secrets by now ends as a member of that cluster.
        if wished is not None and (not _is_granted(stand) or _is_half_begun(stand)):
            self._make(wished)
            return 0
        if _is_half_begun(stand):
            self.reporter.tell(Report(Belonging.FAILED, faults=(_HALF_BEGUN,)))
            return self.site.timing.poll_s
        wanted = self._wanted(stand)
        if wanted is None and not _is_granted(stand):
            if stand is None:
                self._leave_no_open_port()
            self._tell_idle()
            return self.site.timing.poll_s
        self._join(wanted, _untold)
        return 0

    def _live(self) -> float:
        assert self._life is not None  # noqa: S101 -- _look made it
        self._consume(claim.ALL)
        report = self._life.tick()
        try:
            # Open already as a rule; where that failed, again.
            self._open_door()
        except BandstandError as error:
            report = replace(report, faults=(*report.faults, fault_of(error, "cluster")))
        self.reporter.tell(report)
        return self.site.timing.poll_s

    def _leave_no_open_port(self) -> None:
        """A join that was given up half way leaves the port of the peers open."""
        if store.load(self.site.files).membership is Membership.JOINING:
            self.site.change(Membership.NONE)

    def _enter_if_member(self) -> bool:
        if not _is_member(standing.load(self.site.files)):
            return False
        if self._life is None:
            self._enter()
        return True

    def _enter(self) -> None:
        member = open_member(self.site)
        assert member is not None  # noqa: S101 -- the standing says so
        self._life = Life(member)
        _ = self._live()

    def _wanted(self, stand: Standing | None) -> JoinString | None:
        """The act that waits, else what a join that was broken off went by."""
        pending = acts.pending(self.site.files)
        self._act = claim.KEY if claim.KEY in pending else ACT
        if self._act in pending:
            return parse(pending[self._act])
        kept = self.site.files.read(standing.JOIN_FILE) if stand else None
        return parse(Secret(kept)) if kept else None

    def _make(self, act: Secret) -> None:
        """As properties ask for it: begun, or gone on with after it was broken off."""
        self._act, self._refusal = claim.INIT, ()
        self._give_up_unless_granted()
        self.reporter.tell(replace(self.reporter.last, state=Belonging.MAKING))

        def told(name: str) -> None:
            report = replace(self.reporter.last, step=name, faults=(), waits=False)
            self.reporter.tell(report)

        _ = init.init(self.site, _wish(act), tell=told)
        self._retry_s = self.site.timing.retry_s
        self._enter()

    def _join(self, wanted: JoinString | None, tell: Tell) -> None:
        self._refusal = ()
        self.reporter.tell(Report(Belonging.JOINING))

        def told(entry: Entry) -> None:
            stand = standing.load(self.site.files)
            report = self.reporter.last.with_step(entry)
            if stand is not None:
                report = replace(report, id=stand.cluster_id, name=stand.cluster_name)
            self.reporter.tell(replace(report, faults=(), waits=False))
            tell(entry)

        Join(self.site, wanted, self._open_door, told).run()
        self._retry_s = self.site.timing.retry_s
        self._enter()

    def _open_door(self) -> None:
        own = identity.ensure(self.site.files)
        self.reporter.node_id = own.id
        self._door.open(self.site, own.id, lambda: self.member)

    def _wait_for(self, error: BandstandError) -> float:
        """Finally refused: over. Else told, and tried again a little later each time."""
        log.warning("%s", error.message)
        if self._halting.is_set():
            return 0
        is_over = is_final(error) or isinstance(error, InputRefused) or error.code == OCCUPIED
        if self._life is None and is_over and not self._asks_anew(error):
            self._refuse(error)
            return self.site.timing.poll_s
        faults = self._faults_of(error)
        self.reporter.tell(replace(self.reporter.last, faults=faults, waits=True))
        wait_s = self._retry_s
        self._retry_s = min(self._retry_s * 2, self.site.timing.longest_retry_s)
        return wait_s

    def _asks_anew(self, error: BandstandError) -> bool:
        """Our row lapsed before it was active: the same join string gives a new one."""
        stand = standing.load(self.site.files)
        is_ours = stand is not None and stand.stage is Stage.ADMITTED
        if stand is None or not is_ours or error.code != Code.KEY_REFUSED:
            return False
        self._door.close()  # it shows the certificate of the old row
        standing.save(self.site.files, replace(stand, stage=Stage.TRUSTED))
        return True

    def _refuse(self, error: BandstandError) -> None:
        self._consume((self._act,))
        self._give_up_unless_granted()
        self._refusal = self._faults_of(error)
        self._tell_idle()

    def _give_up_unless_granted(self) -> None:
        """No trace but the identity; a node that had the secrets stays, and goes on trying."""
        stand = standing.load(self.site.files)
        if stand is None or stand.has_reached(Stage.GRANTED):
            return
        self._door.close()
        standing.forget(self.site.files)
        beat.forget(self.site.files)
        if stand.has_reached(Stage.ADMITTED):
            try:
                self.site.change(Membership.NONE)
            except BandstandError as error:
                log.warning("the port of the peers stays open: %s", error.message)

    def _tell_idle(self) -> None:
        state = Belonging.FAILED if self._refusal else Belonging.NONE
        self.reporter.tell(Report(state, faults=self._refusal))

    def _consume(self, names: Collection[str]) -> None:
        """Done, or finally refused; of a member, whatever else it was asked to do."""
        for name in acts.pending(self.site.files):
            if name in names:
                acts.consume(self.site.files, name)

    def _faults_of(self, error: BandstandError) -> tuple[Fault, ...]:
        if isinstance(error, InputRefused):
            return error.faults
        is_of_database = self._act == claim.INIT and error.code.startswith("database")
        return (fault_of(error, "database.host" if is_of_database else self._act),)

    def _pause(self, seconds: float) -> None:
        if self._halting.wait(seconds):
            raise NotNow("the agent is being stopped", code="stopping")


def _is_granted(stand: Standing | None) -> bool:
    return stand is not None and stand.has_reached(Stage.GRANTED)


def _is_half_begun(stand: Standing | None) -> bool:
    return stand is not None and stand.is_half_begun


def _is_member(stand: Standing | None) -> bool:
    return stand is not None and stand.has_reached(Stage.MEMBER)


def parse(text: Secret) -> JoinString:
    """Raises InputRefused: the check digits find a mistake before anybody is asked."""
    try:
        return join_string.parse(text.reveal())
    except ValueError as error:
        message = f"the join string {error}"
        hint = "copy it again as a member showed it, or make a new one"
        raise InputRefused((Fault(ACT, message, hint),)) from error


def _wish(act: Secret) -> Wish:
    """Raises InputRefused: what was accepted once may be refused by now."""
    try:
        return wish_of(claim.texts_of(act))
    except ValueError as error:
        message = "what was left of it to be done cannot be read"
        hint = "call bandstand cluster init"
        raise InputRefused((Fault(claim.INIT, message, hint),)) from error


def _untold(_: Entry) -> None:
    return None
