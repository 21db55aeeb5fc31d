"""Hostile repositories built with plain `ktl build .`: nothing of the machine is in what comes out."""

import concurrent.futures
import shutil
import signal
import subprocess
import threading

import pytest

from escapes import places
from escapes.machine import Inhabitant
from escapes.recipes import RECIPES, Recipe

PATIENCE = 12  # seconds; an answer takes less than one


@pytest.fixture(scope="module")
def user(machine):
    made = Inhabitant(machine, KTL_TEST_TOKEN=machine.nonce("environment"))
    yield made
    made.close()


def lay_out(machine, recipe, folder):
    fill = machine.variables
    folder.mkdir(parents=True)
    shutil.copy("/bin/busybox", folder)
    shutil.copy(machine.kit / "attack", folder)
    if recipe.dockerfile:
        (folder / "Dockerfile").write_text(recipe.dockerfile.format(**fill))
    for name, text in recipe.files:
        (folder / name).write_text(text.format(**fill))
    for name, target in recipe.links:
        (folder / name).symlink_to(target.format(**fill))
    return folder


def everything(folder):
    return "".join(path.read_bytes().decode(errors="replace") for path in folder.rglob("*")
                   if path.is_file() and not path.is_symlink())


def build(user, context, out, *args):
    """All that a build says and makes; what is left without an answer is not waited for."""
    process = user.start("build", context, "--progress", "plain", "--output",
                         f"type=local,dest={out}", *args)
    try:
        said = "".join(process.communicate(timeout=PATIENCE))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        said = "".join(process.communicate(timeout=60))
    return said + (everything(out) if out.exists() else "")


@pytest.fixture(scope="module")
def built(machine, user, tmp_path_factory):
    """What came out of each: built at the same time, since what is refused may take its time."""
    place = tmp_path_factory.mktemp("recipes")

    def one(recipe):
        context = lay_out(machine, recipe, place / str(recipe) / "context")
        said = build(user, context, place / str(recipe) / "out", *recipe.args)
        return said, places.success(machine, "attack", said)

    assert user.run("builder", "start").code == 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = dict(zip(map(str, RECIPES), pool.map(one, RECIPES)))
    places.sweep(machine)
    return made


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_nothing_comes_out(built, recipe):
    said, got = built[str(recipe)]
    assert got == (["outside"] if recipe.opened else []), said


def test_a_port_that_an_image_named_is_no_way_for_urls(machine, user, tmp_path):
    """The daemon is led to registries on loopback; a Dockerfile that names one gets no more."""
    port, text = "127.0.0.1:{PORT}", "FROM scratch\nADD http://127.0.0.1:{PORT}/ /got\n"
    stolen = []
    for number, dockerfile in enumerate((f"FROM {port}/decoy\n", text)):
        context = lay_out(machine, Recipe("port", "urls", dockerfile), tmp_path / f"context{number}")
        stolen += machine.stolen(build(user, context, tmp_path / f"out{number}"))
    assert not stolen


@pytest.mark.parametrize("recipe", [each for each in RECIPES if each.bare], ids=str)
def test_it_is_there_to_be_had(machine, user, tmp_path, recipe):
    context = lay_out(machine, recipe, tmp_path / "context")
    command = f"PATH={machine.kit}:$PATH; " + recipe.bare.format(**machine.variables)
    done = subprocess.run(machine.inside(["sh", "-c", command], context), capture_output=True,
                          text=True, env=user.env, check=False)
    assert machine.stolen(done.stdout), done.stderr


def test_an_unfenced_daemon_gives_the_host_away(machine, user, tmp_path, buildkitd_of_host):
    """The two entitlements, where they are granted."""
    for name, allow in (("insecure", "security.insecure"), ("host-network", "network.host")):
        recipe = next(each for each in RECIPES if each.name == name)
        context = lay_out(machine, recipe, tmp_path / name)
        said = build(user, context, tmp_path / f"{name}-out", "--builder", buildkitd_of_host,
                     "--allow", allow)
        assert machine.stolen(said), said


def test_a_link_that_changes_while_it_is_read(machine, user, tmp_path):
    recipe = Recipe("race", "race", "FROM scratch\nCOPY folder /got\n")
    context = lay_out(machine, recipe, tmp_path / "context")
    (context / "real").mkdir()
    (context / "real/secret").write_text("harmless")
    for number in range(200):
        (context / f"real/{number}").write_text("x")
    (context / "folder").symlink_to("real")
    stop = threading.Event()
    flips = []

    def flip():
        targets = [machine.variables["PLACE_OF_MARK"], "real"]
        while not stop.is_set():
            (context / "next").symlink_to(targets[len(flips) % 2])
            (context / "next").replace(context / "folder")
            flips.append(1)
            stop.wait(0.0005)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        for number in range(8):
            said = build(user, context, tmp_path / f"out{number}", "--no-cache")
            assert not machine.stolen(said)
    finally:
        stop.set()
        thread.join()
    assert len(flips) > 100


POISON = ('FROM scratch AS base\nCOPY busybox /\n'
          'RUN --mount=type=cache,id=poison,target=/c ["/busybox", "sh", "-c", '
          '"cat /c/x > /got; {}; exit 0"]\nFROM scratch\nCOPY --from=base /got /\n')


def test_zones_share_no_cache(machine, user, tmp_path):
    """A step that another zone has run is run again, and its cache mount is not seen."""
    text = POISON.format("head -c 12 /dev/urandom | /busybox xxd -p >> /got; cp /got /c/x")
    got = []
    for number, zone in enumerate(("pr", "pr", "default")):
        context = lay_out(machine, Recipe("poison", "cache", text.replace("{", "{{").replace("}", "}}")),
                          tmp_path / f"context{number}")
        out = tmp_path / f"zone{number}"
        user.build_ok(context, "--trust", zone, "--output", f"type=local,dest={out}")
        got.append((out / "got").read_text().split())
    user.run("builder", "stop", "--trust", "pr", "--force")
    assert got[0] == got[1] and got[0]  # the test would see a shared cache
    assert not set(got[0]) & set(got[2])


def test_what_an_open_network_brought_is_not_taken_by_a_stricter_builder(machine, user, tmp_path):
    text = ('FROM scratch AS base\nCOPY busybox attack /\n'
            'RUN ["/busybox", "sh", "-c", "/attack tcp {OUTSIDE} 80 > /got; exit 0"]\n'
            "FROM scratch\nCOPY --from=base /got /\n")
    context = lay_out(machine, Recipe("open", "cache", text), tmp_path / "context")
    assert "outside" in machine.stolen(build(user, context, tmp_path / "open"))
    assert user.run("builder", "start", "--network", "none").code == 0
    state = user.run("builder", "inspect", "--json", "--network", "none").json()
    user.build_ok(context, "--builder", state["address"], "--output", f"type=local,dest={tmp_path / 'none'}")
    assert not machine.stolen(everything(tmp_path / "none"))
    assert not machine.stolen(build(user, context, tmp_path / "hermetic", "--hermetic"))
    assert (tmp_path / "hermetic/got").exists()
