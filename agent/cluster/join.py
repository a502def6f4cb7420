"""Joining a cluster: contact a seed by a join string, and end as an active member.

hello          both sides prove the join string; the clock is compared
request        13000 opens; the cluster's root signs this node's key
activate       we call with that certificate; the seed calls back at our address
configuration  only now the cluster's key and what is shared; it is brought in force
database       our own connection, to this very cluster
active         good heartbeats with the configuration that all have

Each step is journalled, and its result is on disk before the next: a restart goes on after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from agent.accepted.store import Membership
from agent.certs import authority
from agent.cluster import beat, contact, messages, proof, seal, snapshot, standing, sync
from agent.cluster import identity as identities
from agent.cluster.contact import Proven
from agent.cluster.grant import Grant, read_grant
from agent.cluster.identity import Identity
from agent.cluster.member import Member, open_member
from agent.cluster.messages import JoinRequest
from agent.cluster.refusal import Code, refuse
from agent.cluster.seal import Keyring
from agent.cluster.shared import from_row
from agent.cluster.site import Site
from agent.cluster.standing import Stage, Standing
from agent.cluster.store import event, node
from agent.cluster.store.node import NodeState
from agent.cluster.vouch import check, vouch
from agent.errors import BandstandError, NotNow, NotReachable, RefusedByPeer
from agent.steps.journal import Journal
from agent.steps.run import Tell, run_steps
from agent.steps.step import Step, key_of
from agent.system.http import Talk
from agent.typed import Any, TypeVar
from agent.values import join_string
from agent.values.join_string import JoinString, Seed

JOURNAL = "/var/lib/bandstand/journal/agent.json"

T = TypeVar("T")
_Content = Mapping[str, Any] | None

_SEED_HINT = "the seeds must be on, and reachable from here on their peer port (13000)"


@dataclass
class Join:
    """One joining of one node; `open_door` has the peer server answer with our certificate.

    `join` is None where the secrets are here already and only the rest is to be done.
    """

    site: Site
    join: JoinString | None
    open_door: Callable[[], None]
    tell: Tell
    identity: Identity = field(init=False)
    _answered: Seed | None = field(init=False, default=None)

    def run(self) -> None:
        """Raises what a step raised; called again, it goes on there."""
        self._check_free()
        self.identity = identities.ensure(self.site.files)
        journal = Journal.load(self.site.files, JOURNAL)
        for step in self.steps():
            _ = run_steps((step,), journal, self.site.clock, tell=self.tell)

    def steps(self) -> tuple[Step, ...]:
        return (
            self._step("join.hello", self._hello, Stage.ADMITTED),
            self._step("join.request", self._request, Stage.ADMITTED),
            self._step("join.activate", self._activate, Stage.GRANTED),
            self._step("join.configuration", self._configure, Stage.MEMBER),
            self._step("join.database", self._prove_database, Stage.MEMBER),
            self._step("join.active", self._become_active, Stage.MEMBER),
        )

    def _step(self, name: str, act: Callable[[], None], stage: Stage) -> Step:
        """A step that is behind us once `stage` is reached, whatever the journal says."""

        def has_passed() -> bool:
            return self._has_reached(stage)

        def act_once() -> None:
            if not has_passed():
                act()

        return Step(name, act_once, key_of(self.identity.id), holds=has_passed)

    def _check_free(self) -> None:
        found = standing.load(self.site.files)
        if found is None:
            return
        if found.has_reached(Stage.MEMBER) or found.is_half_begun:
            raise NotNow(
                f"this node belongs to the cluster {found.cluster_name} already",
                hint="bandstand cluster status shows it",
            )
        other = self.join is not None and proof.token_id(self.join.secret) != found.token
        if other and not found.has_reached(Stage.GRANTED):
            standing.forget(self.site.files)

    def _hello(self) -> None:
        proven = self._with_seeds(self._meet)
        files = self.site.files
        _ = files.write(standing.ROOT_FILE, proven.welcome.root, mode=0o600)
        _ = files.write(standing.JOIN_FILE, join_string.format(self._join_string()), mode=0o600)
        stand = Standing(
            stage=Stage.TRUSTED,
            cluster_id=proven.welcome.cluster_id,
            cluster_name=proven.welcome.cluster_name,
            peer_address=self.site.place().peer_address,
            token=proof.token_id(self._join_string().secret),
        )
        standing.save(files, stand)

    def _meet(self, seed: Seed) -> Proven:
        with contact.stranger(seed) as talk:
            proven = contact.hello(talk, self._join_string())
        offset_s = self.site.clock.now().timestamp() - float(proven.welcome.time_s)
        if abs(offset_s) > self.site.timing.most_skew_s:
            ahead = "ahead of" if offset_s > 0 else "behind"
            raise refuse(
                Code.CLOCK_SKEW,
                f"the clock of this node is {abs(offset_s):.0f} seconds {ahead} the cluster's",
                hint="set the clock, or the setting network.ntp; "
                f"up to {self.site.timing.most_skew_s:g} seconds are borne",
            )
        return proven

    def _request(self) -> None:
        certificate = self._with_seeds(self._ask_to_be_let_in)
        if authority.public_key_of_certificate(certificate) != self.identity.public_key:
            raise refuse(Code.KEY_REFUSED, "the cluster signed another key than this node's")
        _ = self.site.files.write(standing.CERTIFICATE_FILE, certificate, mode=0o600)
        self._advance(Stage.ADMITTED)

    def _ask_to_be_let_in(self, seed: Seed) -> str:
        with self._strict(seed, mutual=False) as talk:
            proven = contact.hello(talk, self._join_string())
            reply = contact.ask(talk, "/v1/join", messages.to_json(self._signed_request(proven)))
        return str(reply.get("certificate", ""))

    def _signed_request(self, proven: Proven) -> JoinRequest:
        join, place = self._join_string(), self.site.place()
        request = JoinRequest(
            token=proof.token_id(join.secret),
            nonce=proven.welcome.nonce,
            node_id=self.identity.id,
            request=authority.request(self.identity.key_pem),
            wrap_key=self.identity.wrap_public.hex(),
            name=place.name,
            addresses=place.addresses,
            peer_address=place.peer_address,
            software=self.site.software,
        )
        key = proof.proof_key(join.secret)
        signed = proof.joiner_proof(key, proven.meeting, *request.content())
        return replace(request, proof=signed)

    def _activate(self) -> None:
        self.site.change(Membership.JOINING)
        self.open_door()
        _ = self._with_seeds(lambda seed: self._ask_mutually(seed, "/v1/activate", {}))

    def _configure(self) -> None:
        if not self._has_reached(Stage.GRANTED):
            self._keep(self._with_seeds(self._fetch_grant))
        member = self._member()
        try:
            self.site.change(Membership.MEMBER, member.shared.settings)
        finally:
            member.close()

    def _fetch_grant(self, seed: Seed) -> Grant:
        try:
            return read_grant(self._ask_mutually(seed, "/v1/config", None))
        except (ValueError, KeyError, TypeError) as error:
            raise NotReachable(f"the seed {seed} does not answer as a seed does") from error

    def _keep(self, granted: Grant) -> None:
        """Verified before it is kept: the key opens, and the configuration verifies under it."""
        key = seal.unwrap(granted.wrapped_key, self.identity.wrap_private)
        _ = from_row(Keyring(granted.key_version, key), granted.configuration)
        snapshot.save(self.site.files, granted.configuration)
        stand = replace(
            self._standing(),
            stage=Stage.GRANTED,
            key_version=granted.key_version,
            wrapped_key=granted.wrapped_key.hex(),
        )
        standing.save(self.site.files, stand)
        _ = self.site.files.remove(standing.JOIN_FILE)

    def _prove_database(self) -> None:
        member = self._member()
        try:
            with member.transaction() as connection:
                row = member.cluster(connection)
            if not seal.is_equal(row.key_check, member.keyring.check_value()):
                raise refuse(Code.WRONG_CLUSTER, "the database is sealed with another key")
        finally:
            member.close()

    def _become_active(self) -> None:
        member = self._member()
        try:
            self._beat_until_good(member)
            become_active(member)
        finally:
            member.close()
        self._advance(Stage.MEMBER)

    def _beat_until_good(self, member: Member) -> None:
        heart, good = beat.Heart(member), 0
        while good < self.site.timing.good_beats:
            _ = heart.beat()
            good = 0 if sync.pull(member) else good + 1
            if good < self.site.timing.good_beats:
                self.site.pause(self.site.timing.beat_s)

    def _ask_mutually(self, seed: Seed, path: str, content: _Content) -> dict[str, Any]:
        with self._strict(seed, mutual=True) as talk:
            return contact.ask(talk, path, content)

    def _strict(self, seed: Seed, *, mutual: bool) -> Talk:
        return contact.strict(self.site.files, seed, self._standing().cluster_id, mutual=mutual)

    def _with_seeds(self, ask: Callable[[Seed], T]) -> T:
        """The first answer; a seed that refuses does not speak for those after it."""
        refused: list[BandstandError] = []
        # The one that answered last goes first: a seed that is off costs its wait once.
        for seed in sorted(self._join_string().seeds, key=lambda seed: seed != self._answered):
            try:
                answer = ask(seed)
            except (NotReachable, RefusedByPeer) as error:
                refused.append(error)
            else:
                self._answered = seed
                return answer
        raise _worst(refused)

    def _join_string(self) -> JoinString:
        if self.join is None:
            raise NotNow(
                "the join string is needed again, and it is gone",
                hint="give a new one: bandstand cluster join",
            )
        return self.join

    def _member(self) -> Member:
        found = open_member(self.site)
        if found is None:
            raise NotNow("the cluster's secrets did not arrive yet")
        return found

    def _standing(self) -> Standing:
        found = standing.load(self.site.files)
        if found is None:
            raise NotNow("no seed was met yet")
        return found

    def _has_reached(self, stage: Stage) -> bool:
        found = standing.load(self.site.files)
        return found is not None and found.has_reached(stage)

    def _advance(self, stage: Stage) -> None:
        standing.save(self.site.files, replace(self._standing(), stage=stage))


def become_active(member: Member) -> None:
    """Joining -> active, by our own hand; once active it stays so."""
    with member.transaction() as connection:
        row = node.by_id(connection, member.identity.id)
        if row is None:
            raise NotNow("this node is not in the cluster any more", code="removed")
        if check(member.keyring, row).state != NodeState.JOINING:
            return
        active = vouch(member.keyring, replace(row, state=NodeState.ACTIVE))
        _ = node.update_state(connection, active, was=NodeState.JOINING)
        _ = event.append(connection, member.writer(), "join", f"{row.name} is active")


def _worst(refused: list[BandstandError]) -> BandstandError:
    """A refusal tells more than a silence; where all are silent, each seed is named.

    It is final only where every seed was heard: another may know better when it is back.
    """
    heard = [error for error in refused if isinstance(error, RefusedByPeer)]
    if len(heard) == len(refused):
        return heard[0]
    if heard:
        return RefusedByPeer(heard[0].message, hint=heard[0].hint, code="not-all-asked")
    words = "; ".join(error.message for error in refused)
    return NotReachable(f"no seed answers: {words}", hint=_SEED_HINT)
