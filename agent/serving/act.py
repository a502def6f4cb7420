"""Let nginx serve it: tested beside the old one, swapped, reloaded, seen over TLS, else undone."""

from __future__ import annotations

from agent.errors import BandstandError, CommandFailed, NotReachable, StepFailed
from agent.serving.observe import TEMPLATE
from agent.serving.plan import ServingPlan
from agent.steps.step import Step
from agent.system import nginx, render, systemd
from agent.system.host import Host
from agent.values.address import bracketed

# Under emulation a first start took 3.5 s.
_SERVES_WITHIN_S = 30
_AGAIN_S = 0.05
# RFC 6761: nobody can own this name.
_PROBE = "bandstand.invalid"


def steps(plan: ServingPlan, host: Host) -> tuple[Step, ...]:
    """Two steps, both still true when configuration and pair are the ones last verified."""
    swap = _Swap(plan, host)
    return (
        Step("serving.nginx", swap.do, plan.key, undo=swap.undo, holds=lambda: plan.keep),
        Step("serving.verify", swap.verify, plan.key, holds=lambda: plan.keep),
    )


class _Swap:
    """verified -> tested -> in place -> verified anew
    -> what was verified before, or nothing where nothing was
    """

    def __init__(self, plan: ServingPlan, host: Host) -> None:
        self._plan = plan
        self._host = host
        self._former = nginx.verified(host.files)
        self._is_changed = False

    def do(self) -> None:
        if self._plan.keep:
            return
        if not self._plan.live:
            raise StepFailed("there is no certificate to serve with")
        self._is_changed = True
        nginx.remove_other_pairs(self._host.files, _portal_pair(self._plan))
        try:
            self._put_in_place()
        except CommandFailed as error:
            raise self._failed("nginx refuses its new configuration", error) from error

    def verify(self) -> None:
        """Ask over TLS until the new certificate answers with the new configuration."""
        clock = self._host.clock
        until_s = clock.monotonic_s() + _SERVES_WITHIN_S
        while problem := self._problem():
            if clock.monotonic_s() > until_s:
                raise self._failed("nginx does not serve what it was given", problem)
            clock.pause(_AGAIN_S)
        nginx.mark_verified(self._host.files)

    def undo(self) -> None:
        if self._is_changed:
            _ = self._take_back()

    def _put_in_place(self) -> None:
        files, run = self._host.files, self._host.run
        candidate = f"{nginx.CONFIG}.new"
        _ = files.write(candidate, nginx.with_key(self._text(), self._plan.config_key))
        try:
            nginx.check_config(run, files, candidate)
            nginx.swap_config(files, candidate)
        finally:
            _ = files.remove(candidate)
        _ = systemd.enable(files, nginx.UNIT)
        _ = systemd.reload_or_restart(run, nginx.UNIT)

    def _text(self) -> str:
        plan, files = self._plan, self._host.files
        return render.render(
            TEMPLATE,
            {
                "at": files.path,
                "pages": render.folder(),
                "live": nginx.LIVE,
                "user": plan.layout.user,
                "http_port": plan.layout.http_port,
                "https_port": plan.layout.https_port,
                "has_ipv6": plan.has_ipv6,
                "public_name": plan.public_name,
                "management_names": [bracketed(name) for name in plan.management_names],
                "probe_name": _PROBE,
                "portal_port": plan.portal_port,
                "portal_pair": _portal_pair(plan),
                "folder": nginx.FOLDER,
                "key": plan.config_key,
            },
        )

    def _problem(self) -> BandstandError | None:
        """Whoever runs on the new configuration has its ports, and the pairs that it names."""
        from agent.system import http

        plan = self._plan
        try:
            answer = http.ask("127.0.0.1", plan.layout.https_port, host=_PROBE)
        except NotReachable as error:
            return error
        if answer.certificate_sha256 != plan.live_sha256:
            return StepFailed(f"it serves another certificate, sha256 {answer.certificate_sha256}")
        if answer.body != plan.config_key:
            return StepFailed("it runs on another configuration")
        return None

    def _failed(self, what: str, why: BandstandError) -> StepFailed:
        return StepFailed(
            f"{what}: {why.message}; {self._take_back()}",
            hint="look at journalctl -u nginx and /var/log/nginx/error.log",
        )

    def _take_back(self) -> str:
        """Former configuration and pair together; says what is in force then."""
        self._is_changed = False
        nginx.restore(self._host.files, self._former)
        if self._former is None:
            _ = self._host.run("systemctl", "stop", nginx.UNIT, check=False)
            return "nothing was served before, so no web server runs"
        again = self._host.run("systemctl", "reload-or-restart", nginx.UNIT, check=False)
        if not again.ok:
            return "the former configuration and certificate are back, but nginx does not run"
        return "the former configuration and certificate are in force"


def _portal_pair(plan: ServingPlan) -> str:
    return nginx.pair_name(plan.portal_certificate) if plan.portal_certificate else ""
