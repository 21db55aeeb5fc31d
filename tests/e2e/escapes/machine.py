"""A machine to escape to: network namespaces of its own, services, files, processes and keys, each
with a nonce, and an outside that is made of stand-ins. No packet leaves it."""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from rig.ktl import Ktl
from rig.process import die_with_parent, ok

HERE = pathlib.Path(__file__).parent
PORT, FORWARDED, GATE = 18080, 18081, 3128
OWN, OWN2, OWN6, ANYIP = "203.0.113.2", "198.51.100.2", "2001:db8:1::2", "198.51.100.65"
OUTSIDE, OUTSIDE6, RESOLVER = "203.0.113.80", "2001:db8:1::80", "203.0.113.53"
METADATA = ["169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "169.254.1.1"]
DEVICE = "ktlup0"
OTHER_USER = 54321

# ip(8) commands; HOST and WORLD stand for the two namespaces.
WIRES = f"""
link add {DEVICE} netns HOST type veth peer name down0 netns WORLD
-n HOST link set lo up
-n HOST addr add {OWN}/24 brd + dev {DEVICE}
-n HOST addr add {OWN6}/64 dev {DEVICE} nodad
-n HOST link set {DEVICE} up
-n HOST link add own0 type bridge
-n HOST addr add {OWN2}/32 dev own0
-n HOST link set own0 up
-n HOST route add local 198.51.100.64/26 dev lo
-n WORLD link set lo up
-n WORLD addr add 203.0.113.1/24 dev down0
-n WORLD addr add {OUTSIDE}/24 dev down0
-n WORLD addr add {RESOLVER}/24 dev down0
-n WORLD addr add 2001:db8:1::1/64 dev down0 nodad
-n WORLD addr add {OUTSIDE6}/64 dev down0 nodad
-n WORLD addr add fd00:ec2::254/128 dev lo nodad
-n WORLD link set down0 up
-n HOST route add default via 203.0.113.1
-n HOST -6 route add default via 2001:db8:1::1
"""
# In a mount namespace of its own: its resolver, and sockets at the names that everybody tries.
FURNISH = """
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount -t tmpfs -o mode=0755 none /run
mkdir /run/containerd
for name in docker.sock containerd/containerd.sock; do
  touch "/run/$name"; mount --bind "$1/$(basename "$name")" "/run/$name"
done
shift
exec "$@"
"""


class Machine:
    """What is to be stolen, and `variables`: what an attacker knows of it."""

    def __init__(self):
        self.exit = contextlib.ExitStack()
        self.tag = "ktle" + secrets.token_hex(4)
        self.nonces = {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-machine-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.exit.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.kit = self.folder / "kit"
        self.asked = self.folder / "asked"  # what a stand-in that keeps it was asked for
        self.variables = {"TAG": self.tag, "WROTE": secrets.token_hex(12), "PORT": str(PORT),
                          "GATE": str(GATE), "OWN": OWN, "OWN2": OWN2, "OWN6": OWN6,
                          "ANYIP": ANYIP, "BROADCAST": "203.0.113.255", "OUTSIDE": OUTSIDE,
                          "OUTSIDE6": OUTSIDE6, "RESOLVER": RESOLVER, "DEVICE": DEVICE,
                          "SOURCE": OWN, "LISTED": f"{OUTSIDE}:8080", "FORWARDED": str(FORWARDED)}
        try:
            self.make()
        except BaseException:
            self.close()
            raise

    def nonce(self, name):
        return self.nonces.setdefault(name, f"{self.tag}-{secrets.token_hex(10)}")

    def make(self):
        self.make_kit()
        self.make_files()
        self.make_network()
        self.make_processes()
        self.make_disk()
        self.make_cgroup()

    def make_kit(self):
        self.kit.mkdir()
        ok(["cc", "-O1", "-static", "-w", "-o", self.kit / "attack", *sorted((HERE / "attack").glob("*.c"))])
        shutil.copy("/bin/busybox", self.kit)

    def put(self, path, name, mode=0o600, owner=0):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.nonce(name) + "\n")
        os.chown(path, owner, owner)
        path.chmod(mode)
        return str(path)

    def make_files(self):
        names = self.variables
        names["MARK"] = self.put(self.folder / "secret", "mark")
        names["USER_FILE"] = self.put(self.folder / "user/mail", "other-user", owner=OTHER_USER)
        for key, place in (("SHM_FILE", "/dev/shm"), ("TMP_FILE", "/tmp")):
            names[key] = self.put(f"{place}/{self.tag}-note", key.lower())
            self.exit.callback(os.unlink, names[key])
        names["HANDLE"] = ok([self.kit / "attack", "number", names["MARK"]]).strip()
        victims = pathlib.Path(f"/usr/local/share/{self.tag}")
        victims.mkdir()
        victims.chmod(0o777)
        self.exit.callback(shutil.rmtree, victims)
        names["VICTIMS"] = str(victims)
        shared = self.folder / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        names["SHARED"] = str(shared)
        self.make_repository(self.folder / "repo")

    def make_repository(self, place):
        self.variables["PLACE_OF_MARK"] = str(self.folder)
        self.put(place / "note", "repository")
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", place]
        ok([*git, "init", "-q", "-b", "main"])
        ok([*git, "add", "."])
        ok([*git, "commit", "-q", "-m", "x"])
        ok(["git", "clone", "-q", "--bare", place, self.folder / "repository.git"])

    def rows_of_host(self):
        nonce = self.nonce
        rows = [{"kind": "unix", "at": f"@{self.tag}-bus", "say": nonce("abstract")}]
        for name in ("docker.sock", "containerd.sock", "any.sock"):
            rows.append({"kind": "unix", "at": str(self.folder / name), "say": nonce(name)})
        for kind in ("tcp", "udp"):
            for at in ("0.0.0.0", "::1", OWN6):
                rows.append({"kind": kind, "at": at, "port": PORT, "say": nonce("own-services"),
                             "asked": str(self.asked)})
        rows.append({"kind": "tcp", "at": "127.0.0.1", "port": FORWARDED, "say": nonce("registry")})
        return rows

    def rows_of_world(self):
        rows = []
        for kind in ("tcp", "udp"):
            for at in (*METADATA, "fd00:ec2::254"):
                rows.append({"kind": kind, "at": at, "port": 80, "say": self.nonce("metadata"),
                             "asked": str(self.asked)})
            for at in (OUTSIDE, OUTSIDE6):
                rows.append({"kind": kind, "at": at, "port": 80, "say": self.nonce("outside")})
        rows.append({"kind": "udp", "at": RESOLVER, "port": 53, "say": self.nonce("resolver")})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 81, "to": "http://169.254.169.254/"})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 82, "say": self.nonce("unlisted")})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 83, "to": f"http://127.0.0.1:{PORT}/"})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 85, "uploads": "http://169.254.169.254/upload"})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 86, "uploads": f"http://127.0.0.1:{PORT}/upload"})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 84, "say": "x", "asked": str(self.asked)})
        rows.append({"kind": "tcp", "at": OUTSIDE, "port": 8080, "say": "listed"})
        rows.append({"kind": "raw", "at": OUTSIDE, "say": self.nonce("raw")})
        rows.append({"kind": "raw", "at": METADATA[0], "say": self.nonce("raw-metadata")})
        return rows

    def make_network(self):
        spaces = {"HOST": f"{self.tag}-host", "WORLD": f"{self.tag}-world"}
        for name in spaces.values():
            ok(["ip", "netns", "add", name])
            self.exit.callback(subprocess.run, ["ip", "netns", "del", name], check=False)
        lines = WIRES.strip().splitlines()
        lines += [f"-n WORLD addr add {address}/32 dev lo" for address in METADATA]
        for line in lines:
            for name, real in spaces.items():
                line = line.replace(name, real)
            ok(["ip", *line.split()])
        self.host = f"/run/netns/{spaces['HOST']}"
        self.variables.update(ABSTRACT=f"{self.tag}-bus", SOCKET=str(self.folder / "any.sock"))
        for space, rows in (("HOST", self.rows_of_host()), ("WORLD", self.rows_of_world())):
            table = self.folder / f"{space}.json"
            table.write_text(json.dumps(rows))
            self.start(["nsenter", f"--net=/run/netns/{spaces[space]}", sys.executable,
                        HERE / "standins.py", table], "ready")

    def start(self, argv, word=None, **options):
        """A process of this machine; returns it with its first line."""
        process = subprocess.Popen(list(map(str, argv)), stdout=subprocess.PIPE, text=True,
                                   stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **options)
        self.exit.callback(self.end, process)
        line = process.stdout.readline().strip()
        assert line and word in (None, line), f"{argv[0]} did not start"
        return process, line

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

    def make_processes(self):
        attack = self.kit / "attack"
        (self.folder / "resolv.conf").write_text(f"nameserver {RESOLVER}\noptions timeout:1 attempts:1\n")
        # Its descriptor 9 is the file that nobody else may read.
        held, where = self.start(
            ["nsenter", f"--net={self.host}", "unshare", "--mount", "--propagation", "private", "sh",
             "-ec", FURNISH, "sh", self.folder, "sh", "-c", 'exec "$@" 9< secret', "sh",
             attack, "hold", self.nonce("memory")],
            cwd=self.folder, env={"PATH": os.environ["PATH"], "STOLEN_ENVIRON": self.nonce("environ")})
        self.held = held.pid
        key_name, self.session_name = f"{self.tag}:user", f"{self.tag}:session"
        key = ok([attack, "addkey", "user", key_name, self.nonce("user-key")]).strip()
        self.exit.callback(subprocess.run, [attack, "unlinkkey", key], check=False)
        number = str(0x6b740000 + secrets.randbelow(1 << 15))
        ok([attack, "share", number, self.nonce("segment")])
        self.exit.callback(subprocess.run, [attack, "share", number], check=False)
        self.variables.update(HELD=str(held.pid), HELD_AT=where, KEY=key, KEY_NAME=key_name,
                              SESSION_NAME=self.session_name, SEGMENT=number)

    def make_disk(self):
        tree, image = self.folder / "tree", self.folder / "disk.img"
        tree.mkdir()
        self.put(tree / "secret", "disk", 0o644)
        ok(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", tree, image, "2M"])
        disk = ok(["/usr/sbin/losetup", "--find", "--show", image]).strip()
        self.exit.callback(subprocess.run, ["/usr/sbin/losetup", "--detach", disk], check=False)
        number = os.stat(disk).st_rdev
        self.variables.update(DISK=disk, BACKING=str(image), DISK_MAJOR=str(os.major(number)),
                              DISK_MINOR=str(os.minor(number)))

    def make_cgroup(self):
        places = [pathlib.Path("/sys/fs/cgroup"), *pathlib.Path("/sys/fs/cgroup").iterdir()]
        group = next(place for place in places if (place / "cgroup.procs").exists()) / self.tag
        group.mkdir()
        self.exit.callback(self.leave_cgroup, group)

    @staticmethod
    def leave_cgroup(group):
        until(lambda: not (group / "cgroup.procs").read_text(), 5)
        group.rmdir()

    def inside(self, argv, folder="/"):
        """The words that run `argv` on this machine, as a user with a session's keyring."""
        return ["nsenter", "-t", str(self.held), "--mount", "--net", "sh", "-c",
                'cd "$0" && exec "$@"', str(folder), str(self.kit / "attack"), "session",
                self.session_name, self.nonce("session-key"), *map(str, argv)]

    def stolen(self, text):
        """The names of the nonces in a text."""
        return sorted(name for name, value in self.nonces.items() if value in text)

    def close(self):
        self.exit.close()


class Inhabitant(Ktl):
    """A user of ktl on a machine."""

    def __init__(self, machine, **environment):
        super().__init__()
        self.machine = machine
        self.env.update(environment)
        machine.variables["HOME_FILE"] = machine.put(self.home / ".ssh/id", "home")

    def start(self, *args, cwd=None, **options):
        first, *rest = self.machine.inside([Ktl.program], cwd or self.home)
        self.program = first
        return super().start(*rest, *args, **options)


def until(ready, seconds):
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        time.sleep(0.05)
