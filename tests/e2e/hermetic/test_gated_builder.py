"""A fenced build on ktl's own builder has a builder whose daemon reaches what the build needs, and nothing
else: the list of its steps and where its sources are."""

import os
import secrets

import pytest

from builder.test_jail import Internet, inside, internet  # noqa: F401  (fixtures)
from hermetic.dockerfiles import lines_of, nonce, project, said
from rig import outland
from rig.images import BASE
from rig.process import program
from sabotage.test_sabotages import EDITOR, script

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to make network namespaces")


def fetch(url):
    return f"{BASE}RUN : {nonce()}; wget -q -O /got {url} && cat /got\n"


def test_the_list_of_the_steps_is_the_daemons_too(lone_ktl, context, site):
    folder = context(fetch(f"{site.url}/file"))
    result, lines = lines_of(lone_ktl, folder, f"--allow-network={site.host}", "--require",
                             f"isolation.steps.daemon.network=gate:{site.host}")
    assert site.asked == [("GET", "/file")]
    said(result, f"the builder itself reaches {site.host} and nothing else")
    assert lines["daemon.network"] == (f"gate:{site.host}", "probed")
    assert lines["network"] == (f"allow:{site.host}", "probed")
    assert lines["interfaces"] == ("lo", "probed")
    listed = lone_ktl.run("builder", "ls", "--json").json()["builders"]
    assert [each["network"] for each in listed] == [f"allow:{site.host}"]


def test_another_list_is_another_builder_with_a_cache_of_its_own(lone_ktl, context, site, other_site):
    folder = context(f"{BASE}RUN : {nonce()}\n")
    for host in (site.host, other_site.host):
        result = lone_ktl.build_ok(folder, f"--allow-network={host}")
        assert not result.cached("RUN : ")
    assert lone_ktl.build_ok(folder, f"--allow-network={site.host}").cached("RUN : ")
    assert len(lone_ktl.run("builder", "ls", "--json").json()["builders"]) == 2


def test_a_hermetic_build_from_nothing_has_a_daemon_without_a_network(lone_ktl, context):
    result, lines = lines_of(lone_ktl, context(f"{BASE}RUN : {nonce()}\n"), "--hermetic")
    assert lines["daemon.network"] == ("none", "probed")
    said(result, "the builder itself reaches nothing")


def test_an_open_build_says_that_it_is_one(lone_ktl, context):
    result, lines = lines_of(lone_ktl, context(f"{BASE}RUN : {nonce()}\n"))
    assert lines["daemon.network"] == ("internet", "probed")
    assert "the builder itself reaches" not in result.err


def test_where_a_pinned_image_comes_from_is_on_the_list(lone_ktl, context, registry, pinned, tmp_path):
    folder = context(f"FROM {pinned}\nRUN : {nonce()}\n")
    rules = project(tmp_path, {registry.host: {"http": True}})
    _, lines = lines_of(lone_ktl, folder, "--hermetic", "--project", rules)
    assert lines["daemon.network"] == (f"gate:{registry.host}", "probed")


def test_a_dockerfile_does_not_lead_to_this_machine(lone_ktl, context, site, pinned):
    """An address of this machine that only a Dockerfile names stands on no list."""
    text = f"{BASE}ADD {site.url}/file /file\n"
    result = lone_ktl.build(context(text, name="add"), "--allow-network=files.test")
    assert result.code == 1, result.err
    assert not site.asked
    assert lone_ktl.build(context(f"FROM {pinned}\n", name="from"), "--hermetic").code == 1


def test_a_daemon_on_this_machines_network_is_said_to_be_so(lone_ktl, context, site, tmp_path):
    folder = context(f"{BASE}RUN : {nonce()}\n")
    nsjail = program("nsjail", "build/libexec/ktl/nsjail")
    editor = EDITOR.format(old="clone_newnet: true", new="clone_newnet: false", nsjail=nsjail)
    env = {"KTL_NSJAIL": script(tmp_path / "nsjail", editor)}
    allow = f"--allow-network={site.host}"
    refused = lone_ktl.build(folder, allow, "--require",
                             f"isolation.steps.daemon.network=gate:{site.host}", env=env)
    assert refused.code in (5, 6), refused.err  # 6: it does not even start
    if refused.code == 5:
        _, lines = lines_of(lone_ktl, folder, allow, env=env)
        assert lines["daemon.network"] == ("host", "probed")


@pytest.fixture
def redirecting(internet):  # noqa: F811
    """A server outside that sends whoever wants /file to another one, which has `nonce`."""
    elsewhere = "198.51.100.3"
    outland.run("ip", "-n", internet.names[1], "addr", "add", f"{elsewhere}/24", "dev", "up0")
    pid = internet.servers[0].pid
    last = outland.Server(outland.socket_in(pid, 8000, elsewhere))
    last.nonce = secrets.token_hex(8)
    last.files["/nonce"] = last.nonce.encode()
    first = outland.Server(outland.socket_in(pid, 8000, internet.OUTSIDE))
    first.files["/file"] = f"-> http://{elsewhere}:8000/nonce"
    yield first, last
    first.close()
    last.close()


@needs_root
def test_a_fetch_of_the_daemons_to_another_host_is_refused(inside, redirecting, context):  # noqa: F811
    first, last = redirecting
    text = f"{BASE}ADD http://{Internet.OUTSIDE}:8000/file /file\nRUN cat /file\n"
    opened = inside.build_ok(context(text, name="open"))  # without the gate it goes there
    assert last.nonce in opened.err
    last.asked.clear()
    folder = context(text, name="gated")
    result = inside.build(folder, f"--allow-network={Internet.OUTSIDE}:8000")
    assert result.code == 1, result.err
    assert last.nonce not in result.err and not last.asked and len(first.asked) > 1
    said(result, "the builder's gate refused 198.51.100.3:8000: is not on this builder's list",
         "--allow-network=HOST:PORT")
    result = inside.build_ok(folder, f"--allow-network={Internet.OUTSIDE}:8000,198.51.100.3")
    assert last.nonce in result.err
