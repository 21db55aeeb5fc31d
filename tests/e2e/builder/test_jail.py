"""RUN steps of the private builder live in its jail: what they see, and what a process in the daemon's
place sees. Targets are stand-ins of the test's own, on loopback or in namespaces that it makes."""

import os
import re
import secrets
import shutil
import subprocess

import pytest

from rig.images import BASE
from rig.ktl import Ktl
from rig.process import free_port, ok, wait_until
from rig.private import state
from rig.spare_user import SpareUser, why_not

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to enter namespaces")
PROFILES = ["internet", "none"]
CONTROLS = {"fence": "ktl-builder", "rootless": "true", "kernel-settings": "read-only",
            "namespace.user": "own", "namespace.pid": "own", "namespace.mnt": "own",
            "namespace.net": "own", "entitlements": "none",
            "devices": "full,null,pts,random,tty,urandom,zero"}


@pytest.fixture(params=["root", "user"])
def fenced(request):
    """ktl as who runs the tests, and as an ordinary user."""
    if request.param == "user" and why_not():
        pytest.skip(why_not())
    made = SpareUser() if request.param == "user" else Ktl()
    yield made
    made.close()


@pytest.fixture
def readable(tmp_path):
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


def started(ktl, *words):
    """The address of the builder with these options, and its lines by control."""
    address = ktl.run("builder", "start", *words)
    assert address.code == 0, address.err
    inspected = state(ktl, *words)
    assert inspected["steps_fenced"], inspected
    return address.out.split()[-1], inspected


def lines(inspected):
    return {line["control"]: line["value"] for line in inspected["isolation"]}


def run_step(ktl, address, context, script, name):
    """What a RUN step with that script prints, and what became of it."""
    folder = context(BASE + "COPY probe /probe\nRUN sh /probe; true\n", {"probe": script}, name=name)
    folder.chmod(0o755)
    return ktl.build(folder, "--builder", address, "--no-cache").err


@pytest.mark.parametrize("profile", PROFILES)
def test_the_statement_is_what_is_seen(fenced, profile):
    _, inspected = started(fenced, "--network", profile)
    seen = lines(inspected)
    assert {name: seen[name] for name in CONTROLS} == CONTROLS
    assert seen["network"] == profile
    assert seen["interfaces"] == ("lo" if profile == "none" else "lo,tap0")
    assert not seen["user-map"].startswith("0:0+")
    assert seen["host-paths.write"].endswith(",/var/lib/buildkit")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_step_sees_nothing_of_the_host(fenced, context, readable, profile):
    nonce = secrets.token_hex(8)
    (readable / "nonce").write_text(nonce)
    (readable / "nonce").chmod(0o644)
    address, _ = started(fenced, "--network", profile)
    said = run_step(fenced, address, context, f"""
cat {readable}/nonce /proc/1/root{readable}/nonce /proc/1/cwd{readable}/nonce
echo "map $(cat /proc/self/uid_map)"
echo "processes $(ls -d /proc/[0-9]* | wc -l)"
echo "disk $(ls /dev/vda /dev/sda /dev/mem /dev/kmsg /dev/kvm 2>/dev/null | wc -l)"
mknod /disk b 254 0 && cat /disk && echo "opened a disk"
echo x > /proc/sys/kernel/core_pattern && echo "wrote core_pattern"
mount -t proc proc /mnt && echo "mounted"
echo "interfaces $(ls /sys/class/net 2>/dev/null; cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' ' | tr '\\n' ,)"
""", "sight")
    assert "DONE" in said, said
    assert nonce not in said
    for word in ("opened a disk", "wrote core_pattern", " mounted"):
        assert word not in said, said
    assert " disk 0" in said
    assert "interfaces lo," + ("" if profile == "none" else "tap0,") in said
    assert int(said.split(" processes ")[1].split()[0]) < 8
    # A user's stage is a user namespace between: its 0 is that user, as `user-map` has it from outside.
    if os.getuid() == 0 and not isinstance(fenced, SpareUser):
        assert "map          0          0" not in said


@pytest.mark.parametrize("profile", [*PROFILES, "host"])
def test_the_hosts_loopback_is_reached_with_the_profile_host_only(fenced, context, readable, profile):
    nonce = secrets.token_hex(8)
    port = free_port()
    (readable / "www").mkdir()
    (readable / "www/nonce").write_text(nonce)
    server = subprocess.Popen(["busybox", "httpd", "-f", "-p", f"127.0.0.1:{port}",
                               "-h", str(readable / "www")])
    try:
        address, _ = started(fenced, "--network", profile)
        said = run_step(fenced, address, context, f"""
for host in 127.0.0.1 10.0.2.2; do timeout 3 wget -q -O - http://$host:{port}/nonce; done
""", "loop")
    finally:
        server.kill()
        server.wait()
    assert "DONE" in said, said
    assert (nonce in said) == (profile == "host"), said


@needs_root
def test_a_process_in_the_daemons_place_is_fenced_too(lone_ktl, tmp_path):
    nonce = secrets.token_hex(8)
    (tmp_path / "nonce").write_text(nonce)
    (tmp_path / "nonce").chmod(0o644)
    _, inspected = started(lone_ktl)
    before = open("/proc/sys/kernel/core_pattern", encoding="utf-8").read()
    done = subprocess.run(
        ["nsenter", "-t", str(inspected["pid"]), "-a", "--", "/bin/sh", "-c", f"""
cat {tmp_path}/nonce /proc/1/root{tmp_path}/nonce
mount -o remount,rw,bind /proc/sys; echo "|/x" > /proc/sys/kernel/core_pattern
mknod /tmp/disk b 254 0; dd if=/tmp/disk bs=512 count=1 of=/dev/null && echo "read a disk"
mount -o remount,rw /usr; touch /usr/written && echo "wrote /usr"
mount -t cgroup -o memory none /tmp; mkdir /tmp/made && echo "made a cgroup"
echo /x > /tmp/release_agent && echo "set a release agent"
ls /var/lib/ktl /root /home; cat /etc/shadow
kill -0 {os.getpid()} && echo "reached a process"
echo end
"""], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "end", done.stdout
    assert nonce not in done.stdout + done.stderr
    assert open("/proc/sys/kernel/core_pattern", encoding="utf-8").read() == before


@needs_root
def test_what_is_read_only_stays_it(fenced):
    """The kernel holds it, whatever the daemon's place may mount."""
    _, inspected = started(fenced)
    seen = lines(inspected)
    made = {f"/etc/{name}" for name in ("hosts", "resolv.conf", "passwd", "group")}  # by the jail
    points = {point for point in seen["host-paths.read"].split(",")
              if not point.startswith("/proc")} - made
    assert {"/usr", "/opt/ktl/buildkitd", "/opt/ktl/runc"} <= points
    for point in points:
        for how in (f"remount,rw,bind {point}", f"bind,rw {point} /mnt"):
            done = subprocess.run(
                ["nsenter", "-t", str(inspected["pid"]), "-a", "--", "/bin/sh", "-c", f"""
mkdir -p /mnt; mount -o {how}
while read -r id parent device root at options rest; do echo "$at $options"; done < /proc/self/mountinfo
umount /mnt
"""], capture_output=True, text=True, check=False)
            writable = [at for at, options in map(str.split, done.stdout.splitlines())
                        if at in (point, "/mnt") and options.startswith("rw")]
            assert point in done.stdout and not writable, (how, done.stdout, done.stderr)
    for each in (after := lines(state(fenced)), seen):  # what the daemon mounts for a moment to try it
        each["host-paths.write"] = re.sub(r"/run/containerd-mount\d+,", "", each["host-paths.write"])
    assert after == seen


@needs_root
def test_zones_have_sub_ids_of_their_own(lone_ktl):
    maps = [lines(started(lone_ktl, "--trust", zone)[1])["user-map"] for zone in ("default", "pr")]
    assert maps[0] != maps[1], maps


def test_a_missing_jail_is_a_sentence(lone_ktl, context):
    result = lone_ktl.build(context(BASE), env={"KTL_NSJAIL": "/no/such/nsjail"})
    assert result.code == 6
    assert "/no/such/nsjail" in result.err


class Internet:
    """A network namespace that plays this machine, and one that plays what is outside of it; nothing
    leads from either to anywhere else."""

    HOST, OUTSIDE, METADATA = "198.51.100.1", "198.51.100.2", "169.254.169.254"

    def __init__(self, folder):
        self.folder, self.nonces, self.servers = folder, {}, []
        self.names = [f"ktl-{kind}-{secrets.token_hex(3)}" for kind in ("host", "out")]

    def open(self):
        host, out = self.names
        for name in self.names:
            ok(["ip", "netns", "add", name])
            ok(["ip", "-n", name, "link", "set", "lo", "up"])
        ok(["ip", "-n", host, "link", "add", "up0", "type", "veth", "peer", "name", "up0",
            "netns", out])
        for name, address in ((host, self.HOST), (out, self.OUTSIDE)):
            ok(["ip", "-n", name, "addr", "add", f"{address}/24", "dev", "up0"])
            ok(["ip", "-n", name, "link", "set", "up0", "up"])
        ok(["ip", "-n", out, "addr", "add", f"{self.METADATA}/16", "dev", "up0"])
        ok(["ip", "-n", host, "route", "add", "169.254.0.0/16", "dev", "up0"])
        for place, name in (("outside", out), ("host", host)):
            self.nonces[place] = secrets.token_hex(8)
            (self.folder / place).mkdir()
            (self.folder / place / "nonce").write_text(self.nonces[place])
            self.servers.append(subprocess.Popen(
                ["ip", "netns", "exec", name, "busybox", "httpd", "-f", "-p", "8080",
                 "-h", str(self.folder / place)]))
        wait_until(lambda: self.get(self.OUTSIDE) and self.get("127.0.0.1"), "the servers")

    def get(self, address):
        """Without any fence, from the namespace that plays this machine."""
        ask = f"import urllib.request as u; print(u.urlopen('http://{address}:8080/nonce', timeout=2).read().decode())"
        return subprocess.run(["ip", "netns", "exec", self.names[0], "/usr/bin/python3", "-c", ask],
                              env={}, capture_output=True, text=True, check=False).stdout.strip()

    def close(self):
        for server in self.servers:
            server.kill()
            server.wait()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)


@pytest.fixture
def internet(tmp_path):
    if os.getuid() != 0 or not shutil.which("ip"):
        pytest.skip("needs root and iproute2 to make network namespaces")
    made = Internet(tmp_path)
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture
def inside(internet):
    """ktl on the machine that `internet` plays."""
    made = Ktl()
    program = made.program
    made.program = "ip"
    plain = made.start
    made.start = lambda *args, **options: plain("netns", "exec", internet.names[0], program, *args,
                                                **options)
    yield made
    made.close()


TARGETS = "{OUTSIDE} {HOST} 127.0.0.1 {METADATA} 10.0.2.2"


def wget_all(internet):
    names = TARGETS.format(**vars(Internet)).split()
    return "".join(f'echo "from {name}: $(timeout 4 wget -q -O - http://{name}:8080/nonce)"\n'
                   for name in names)


@needs_root
def test_the_internet_but_not_this_machine_nor_metadata(internet, inside, context):
    for name in (Internet.OUTSIDE, Internet.METADATA):
        assert internet.get(name) == internet.nonces["outside"]
    for name in (Internet.HOST, "127.0.0.1"):
        assert internet.get(name) == internet.nonces["host"]
    address, _ = started(inside)
    said = run_step(inside, address, context, wget_all(internet), "reach")
    assert f"from {Internet.OUTSIDE}: {internet.nonces['outside']}" in said, said
    assert said.count(internet.nonces["outside"]) == 1, said
    assert internet.nonces["host"] not in said


@needs_root
def test_no_network_is_none(internet, inside, context):
    address, _ = started(inside, "--network", "none")
    said = run_step(inside, address, context, wget_all(internet), "reach")
    assert "DONE" in said
    for nonce in internet.nonces.values():
        assert nonce not in said


@needs_root
def test_an_allowlist_is_for_the_daemon_through_the_gate(internet, inside, context):
    listed = f"allow:{Internet.OUTSIDE}:8080"
    address, inspected = started(inside, "--network", listed)
    assert lines(inspected)["interfaces"] == "lo"
    url = "ADD http://{}:8080/nonce /nonce\nRUN cat /nonce\n"
    good = inside.build(context(BASE + url.format(Internet.OUTSIDE), name="good"), "--builder", address)
    assert good.code == 0 and internet.nonces["outside"] in good.err, good.err
    for name in (Internet.HOST, Internet.METADATA):
        bad = inside.build(context(BASE + url.format(name), name=name), "--builder", address)
        assert bad.code != 0 and "403" in bad.err, bad.err
    # A step has no way to the gate, whatever it says.
    said = run_step(inside, address, context, wget_all(internet) + f"""
printf 'GET http://{Internet.OUTSIDE}:8080/nonce HTTP/1.1\\r\\n\\r\\n' | timeout 4 nc 127.0.0.1 3128
""", "reach")
    for nonce in internet.nonces.values():
        assert nonce not in said
    journal = "".join(path.read_text() for path in inside.home.rglob("*.gate"))
    assert f'"host":"{Internet.OUTSIDE}","port":8080,"method":"GET","allowed":true' in journal
    assert f'"host":"{Internet.METADATA}","port":8080,"method":"GET","allowed":false' in journal
    assert "came from a step" in journal


def test_two_lists_are_two_builders(lone_ktl):
    both = [started(lone_ktl, "--network", f"allow:{name}.example")[1] for name in "ab"]
    assert both[0]["state"] != both[1]["state"]
    listed = lone_ktl.run("builder", "ls", "--json").json()["builders"]
    assert {each["network"] for each in listed} == {"allow:a.example", "allow:b.example"}
