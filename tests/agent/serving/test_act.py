"""A real nginx on loopback: new pair and configuration seen over TLS, or the former ones again."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.errors import StepFailed
from agent.serving import act, observe
from agent.serving.plan import plan
from agent.settings.cluster import Cluster
from agent.settings.declaration import Settings
from agent.settings.portal import Portal
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.status import fragment
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system import http as door
from agent.system import nginx, systemd
from agent.system.clock import Clock
from agent.system.host import Host
from agent.tls import act as tls_act
from agent.tls import observe as tls_observe
from agent.tls.plan import plan as tls_plan
from tests.fakes.issuer import Issued, issue
from tests.fakes.nginx import PROGRAM, HastyClock, RealNginx, free_port

pytestmark = pytest.mark.outside

FIB = "  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 192.0.2.7\n     /32 host LOCAL\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealNginx]:
    if PROGRAM is None:
        pytest.skip("nginx is not installed (package nginx)")
    made = RealNginx(tmp_path, PROGRAM)
    made.files.write("/etc/hostname", "n1\n")
    made.files.write("/proc/net/fib_trie", FIB)
    yield made
    made.stop()


def _given(made: Issued) -> Settings:
    return Settings(tls=Tls(certificate=made.pem, key=Secret(made.key_pem)))


def _tls(server: RealNginx, settings: Settings) -> tuple[Step, ...]:
    host = Host(files=server.files, run=server)
    return tls_act.steps(tls_plan(settings.tls, tls_observe.observe(host)), host)


def _serving(server: RealNginx, settings: Settings, clock: Clock | None = None) -> tuple[Step, ...]:
    host = Host(files=server.files, run=server, clock=clock or Clock())
    wanted = plan(settings, observe.observe(host), layout=server.layout)
    return act.steps(wanted, host)


def _beside(server: RealNginx, settings: Settings) -> tuple[Step, ...]:
    """What the stage of the portal's pair does."""
    if settings.portal.certificate is None:
        return ()
    host = Host(files=server.files, run=server)
    pair = Tls(settings.portal.certificate, settings.portal.key)
    return tls_act.beside(tls_plan(pair, tls_observe.observe(host)), host)


def _apply(
    server: RealNginx, settings: Settings | None = None, clock: Clock | None = None
) -> tuple[Step, ...]:
    wanted = settings or Settings()
    journal = Journal.load(server.files, "/journal")
    done = run_steps(_tls(server, wanted), journal, Clock())
    done += run_steps(_beside(server, wanted), journal, Clock())
    return done + run_steps(_serving(server, wanted, clock), journal, clock or Clock())


def _served(server: RealNginx) -> str:
    return door.ask("127.0.0.1", server.layout.https_port).certificate_sha256


def _live(server: RealNginx) -> str:
    found = nginx.installed(server.files)
    assert found is not None
    return found.sha256


def _get(
    server: RealNginx, path: str, *, host: str = "192.0.2.7", port: int = 0
) -> tuple[int, str, dict[str, list[str]]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    line = http.client.HTTPSConnection(
        "127.0.0.1", port or server.layout.https_port, timeout=5, context=context
    )
    try:
        line.request("GET", path, headers={"Host": host})
        reply = line.getresponse()
        headers: dict[str, list[str]] = {}
        for name, value in reply.getheaders():
            headers.setdefault(name.lower(), []).append(value)
        return reply.status, reply.read().decode(), headers
    finally:
        line.close()


@contextmanager
def _portal(server: RealNginx) -> Iterator[None]:
    """The real portal on the socket that nginx looks for, with the status below the folder."""
    socket = server.files.path("/run/bandstand/portal.sock")
    program = (
        "import sys\nfrom pathlib import Path\nimport uvicorn\n"
        "from agent.portal.application import application\n"
        "from agent.status import merge\nfrom agent.system.files import Files\n"
        "files = Files(Path(sys.argv[1]))\n"
        "class Told(uvicorn.Server):\n"
        "    async def startup(self, sockets=None):\n"
        "        await super().startup(sockets)\n"
        "        print('listening', flush=True)\n"
        "config = uvicorn.Config(application(lambda: merge.read(files)), uds=sys.argv[2],"
        " log_level='error')\n"
        "Told(config).run()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(server.root), str(socket)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    with child.stdout as lines:
        assert lines.readline() == "listening\n"
        try:
            yield
        finally:
            child.terminate()
            child.wait(timeout=10)


def test_a_fresh_node_serves_and_a_second_run_changes_nothing(server: RealNginx) -> None:
    _apply(server)
    assert _served(server) == _live(server)
    assert systemd.is_enabled(server.files, nginx.UNIT)
    server.calls.clear()
    assert _apply(server) == ()
    assert not server.calls


def test_what_is_answered_before_set_up(server: RealNginx) -> None:
    _apply(server)
    status, body, headers = _get(server, "/anything/at?all")
    assert (status, "has not been opened yet" in body) == (503, True)
    assert headers["server"] == ["nginx"]
    assert "default-src 'none'" in headers["content-security-policy"][0]
    assert headers["x-content-type-options"] == ["nosniff"]
    assert headers["cache-control"] == ["no-store"]
    assert _get(server, "/healthz")[:2] == (503, "starting\n")
    status, body, _ = _get(server, "/cluster")
    assert (status, "status page does not answer yet" in body) == (503, True)
    status, _, headers = _get(server, "/cluster/static/bandstand.css")
    assert (status, headers["content-type"]) == (200, ["text/css; charset=utf-8"])
    assert _get(server, "/cluster/static/../../nginx/nginx.conf.j2")[0] == 503
    for path in ("/holding.html", "/cluster/static/", "/cluster/static/none.css"):
        status, body, _ = _get(server, path)
        assert (status, "has not been opened yet" in body) == (503, True), path


def test_plain_http_is_sent_to_https(server: RealNginx) -> None:
    _apply(server)
    line = http.client.HTTPConnection("127.0.0.1", server.layout.http_port, timeout=5)
    line.request("GET", "/cluster?x=1", headers={"Host": "n1"})
    reply = line.getresponse()
    assert reply.status == 308
    assert reply.getheader("Location") == f"https://n1:{server.layout.https_port}/cluster?x=1"
    line.close()


def test_the_portal_answers_behind_it(server: RealNginx) -> None:
    _apply(server)
    member = {"phase": "ready", "state": "ready", "cluster": {"state": "member"}}
    with _portal(server):
        assert _get(server, "/healthz")[:2] == (503, "starting\n")
        fragment.put(server.files, "firstboot", member)
        status, body, headers = _get(server, "/healthz")
        assert (status, body) == (200, "ready\n")
        status, body, headers = _get(server, "/cluster")
        assert (status, "What to do next" in body) == (200, True)
        for name in ("content-security-policy", "x-content-type-options", "cache-control"):
            assert len(headers[name]) == 1, name
        assert "script-src 'self'" in headers["content-security-policy"][0]
        assert _get(server, "/elsewhere")[0] == 503


def test_a_given_pair_replaces_the_first(server: RealNginx) -> None:
    _apply(server)
    given = issue()
    _apply(server, _given(given))
    assert _served(server) == given.sha256


def test_of_former_pairs_one_is_kept(server: RealNginx) -> None:
    for name in ("a.example.com", "b.example.com", "c.example.com"):
        _apply(server, _given(issue(name)))
    assert len(server.files.names(nginx.FOLDER, "pair-*")) == 2


def test_a_pair_that_nginx_refuses_is_undone(server: RealNginx) -> None:
    _apply(server)
    before = _served(server)
    settings = _given(issue())
    journal = Journal.load(server.files, "/journal")
    run_steps(_tls(server, settings), journal, Clock())
    server.files.write(f"{nginx.LIVE}/key.pem", issue().key_pem, mode=0o600)
    with pytest.raises(StepFailed) as caught:
        run_steps(_serving(server, settings), journal, Clock())
    assert "nginx refuses its new configuration" in str(caught.value)
    assert str(caught.value).endswith("the former configuration and certificate are in force")
    assert _served(server) == _live(server) == before
    assert not server.files.exists(f"{nginx.CONFIG}.new")


def test_a_reload_that_does_not_take_is_undone(server: RealNginx) -> None:
    _apply(server)
    before = _served(server)
    server.is_deaf = True
    with pytest.raises(StepFailed, match="serves another certificate.*former.*in force"):
        _apply(server, _given(issue()), HastyClock())
    assert _served(server) == _live(server) == before
    server.is_deaf = False
    given = issue()
    _apply(server, _given(given))
    assert _served(server) == given.sha256


def test_a_configuration_that_is_not_taken_up_is_noticed(server: RealNginx) -> None:
    """The certificate is the same one, so that only the configuration can tell."""
    _apply(server)
    before = server.files.read(nginx.CONFIG)
    server.is_deaf = True
    with pytest.raises(StepFailed, match="runs on another configuration"):
        _apply(server, Settings(cluster=Cluster(hostname="board.example.com")), HastyClock())
    assert server.files.read(nginx.CONFIG) == before


def test_the_first_try_that_fails_leaves_nothing_running(server: RealNginx) -> None:
    journal = Journal.load(server.files, "/journal")
    run_steps(_tls(server, Settings()), journal, Clock())
    server.files.write(f"{nginx.LIVE}/key.pem", "no key", mode=0o600)
    with pytest.raises(StepFailed, match="no web server runs"):
        run_steps(_serving(server, Settings()), journal, Clock())
    assert not server.is_running
    assert not server.files.exists(nginx.CONFIG)
    server.files.remove(f"{nginx.LIVE}/key.pem")
    _apply(server)
    assert _served(server) == _live(server)


def test_a_later_stage_that_fails_takes_all_of_it_back(server: RealNginx) -> None:
    _apply(server)
    before = _served(server)
    done = _apply(server, _given(issue()))
    assert _served(server) != before
    undo_steps(done, Journal.load(server.files, "/journal"))
    assert _live(server) == before
    _apply(server)
    assert _served(server) == before


def test_a_power_cut_after_the_swap_is_finished_at_the_next_boot(server: RealNginx) -> None:
    _apply(server)
    settings = _given(issue())
    run_steps(_tls(server, settings), Journal.load(server.files, "/journal"), Clock())
    first, _ = _serving(server, settings)
    first.act()
    server.stop()
    _apply(server, settings)
    assert _served(server) == _live(server)
    assert nginx.target(server.files, nginx.VERIFIED) == nginx.target(server.files, nginx.LIVE)


def test_a_change_by_hand_is_replaced(server: RealNginx) -> None:
    _apply(server)
    written = server.files.read(nginx.CONFIG) or ""
    server.files.write(nginx.CONFIG, written.replace("server_tokens off", "server_tokens on"))
    _apply(server)
    assert server.files.read(nginx.CONFIG) == written


def test_a_server_that_died_is_started_again(server: RealNginx) -> None:
    _apply(server)
    server.stop()
    _apply(server)
    assert _served(server) == _live(server)


def test_under_the_public_name_there_is_no_portal(server: RealNginx) -> None:
    _apply(server, Settings(cluster=Cluster(hostname="board.example.com")))
    port = server.layout.https_port
    for host in ("board.example.com", "unknown.example.net"):
        for path in ("/cluster", "/cluster/api/status?x=1"):
            status, _, headers = _get(server, path, host=host)
            assert status == 307
            assert headers["location"] == [f"https://192.0.2.7:{port}{path}"]
        assert _get(server, "/", host=host)[0] == 503
        assert _get(server, "/healthz", host=host)[:2] == (503, "starting\n")
    with _portal(server):
        for host in ("192.0.2.7", "n1"):
            assert _get(server, "/cluster", host=host)[0] == 200
        assert _get(server, "/cluster", host="board.example.com")[0] == 307


def test_a_hostile_host_name_gets_the_holding_page(server: RealNginx) -> None:
    _apply(server)
    status, body, _ = _get(server, "/<script>", host='a"><script>')
    assert status in (400, 503)
    assert "<script>" not in body


def test_only_loopback_is_told_the_configuration(server: RealNginx) -> None:
    _apply(server)
    config = server.files.read(nginx.CONFIG) or ""
    status, body, _ = _get(server, "/", host="bandstand.invalid")
    assert (status, body) == (200, nginx.config_key(server.files))
    assert body
    assert "return 404" in config


def _own_portal(server: RealNginx, given: Issued | None = None) -> Settings:
    port = free_port()
    if given is None:
        return Settings(portal=Portal(port=port))
    pair = Portal(port=port, certificate=given.pem, key=Secret(given.key_pem))
    return Settings(portal=pair)


def test_a_portal_with_port_and_pair_of_its_own(server: RealNginx) -> None:
    given = issue("portal.example.com")
    settings = _own_portal(server, given)
    port = settings.portal.port
    _apply(server, settings)
    assert door.ask("127.0.0.1", port).certificate_sha256 == given.sha256
    assert _served(server) == _live(server) != given.sha256
    status, _, headers = _get(server, "/cluster/api/status?x=1")
    assert (status, headers["location"]) == (
        307,
        [f"https://192.0.2.7:{port}/cluster/api/status?x=1"],
    )
    assert _get(server, "/cluster/static/bandstand.css")[0] == 200
    with _portal(server):
        for host in ("192.0.2.7", "any.example.net"):
            status, body, _ = _get(server, "/cluster", host=host, port=port)
            assert (status, "What to do next" in body) == (200, True)
        status, _, headers = _get(server, "/", port=port)
        assert (status, headers["location"]) == (307, [f"https://192.0.2.7:{port}/cluster"])
        assert _get(server, "/other", port=port)[0] == 503
    server.calls.clear()
    assert _apply(server, settings) == ()
    assert not server.calls


def test_without_a_pair_of_its_own_the_portal_shows_the_web_pages_one(server: RealNginx) -> None:
    settings = _own_portal(server)
    public = settings._replace(cluster=Cluster(hostname="board.example.com"))
    _apply(server, public)
    port = settings.portal.port
    assert door.ask("127.0.0.1", port).certificate_sha256 == _live(server)
    assert nginx.portal(server.files) == nginx.Portal(port)
    for host, place in (("n1", "n1"), ("board.example.com", "192.0.2.7")):
        status, _, headers = _get(server, "/cluster", host=host)
        assert (status, headers["location"]) == (307, [f"https://{place}:{port}/cluster"])


def test_the_pairs_of_a_portal_come_and_go(server: RealNginx) -> None:
    first, second = issue("a.example.com"), issue("b.example.com")
    _apply(server, _own_portal(server, first))
    before = nginx.portal(server.files)
    done = _apply(server, _own_portal(server, second))
    assert nginx.portal(server.files).pair == nginx.pair_name(second.pem)
    undo_steps(done, Journal.load(server.files, "/journal"))
    assert nginx.portal(server.files) == before
    assert server.files.exists(nginx.folder_of(before.pair)), (
        "what was verified can be gone back to"
    )
    assert not server.files.exists(nginx.folder_of(nginx.pair_name(second.pem)))
    _apply(server)
    assert nginx.portal(server.files) == nginx.Portal(server.layout.https_port)
    _apply(server, _given(issue()))
    assert not server.files.exists(nginx.folder_of(before.pair))


def test_a_port_that_somebody_has_is_not_the_portals(server: RealNginx) -> None:
    """nginx tests a configuration without its ports; what it cannot bind is noticed by asking."""
    _apply(server)
    before = server.files.read(nginx.CONFIG)
    with socket.create_server(("0.0.0.0", 0)) as taken:
        settings = Settings(portal=Portal(port=taken.getsockname()[1]))
        with pytest.raises(StepFailed, match="former configuration and certificate are in force"):
            _apply(server, settings, HastyClock())
    assert server.files.read(nginx.CONFIG) == before
