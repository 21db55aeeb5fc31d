"""From where the attempts are made, and what they brought back: name of the attempt -> its output."""

import os
import pathlib
import shutil
import stat
import subprocess

from escapes.attempts import ATTEMPTS, DAEMON, RUN, WORKER

# KIT RESULTS: makes every attempt at once, each in mounts of its own where it may make some.
ALL = """
KIT=$1 RESULTS=$2 BUSYBOX=$1/busybox
$BUSYBOX mkdir -p $RESULTS $KIT/bin /tmp 2>/dev/null
[ -e $KIT/bin/sh ] || $BUSYBOX --install -s $KIT/bin
PATH=$KIT/bin:$KIT
export PATH KIT
set -a; . $KIT/env; set +a
cd $KIT
alone=""
unshare -m true 2>/dev/null && alone="unshare -m"
for script in $KIT/attempts/*; do
  timeout -s KILL 8 $alone sh $script > $RESULTS/${script##*/} 2>&1 < /dev/null &
done
wait
[ -z "$3" ] || for result in $RESULTS/*; do echo "=== ${result##*/}"; cat $result; echo; done
exit 0
"""
DOCKERFILE = """FROM scratch
COPY kit /kit
RUN ["/kit/busybox", "sh", "/kit/all", "/kit", "/results"]
FROM scratch
COPY --from=0 /results /
"""
# In the place of the runtime that the daemon runs: the first call makes the attempts, all go on to
# the real one.
RUNTIME = """#!/bin/sh
kit=/var/lib/buildkit/kit
if [ -e $kit/all ] && mkdir /var/lib/buildkit/tried 2>/dev/null; then
  $kit/busybox sh $kit/all $kit /var/lib/buildkit/results >/dev/null 2>&1
fi
exec /usr/sbin/runc "$@"
"""


def pack(machine, folder, place, only=None, **more):
    """Writes the kit for a place into `folder`; `only`: the names of attempts, otherwise all."""
    (folder / "attempts").mkdir(parents=True)
    for name in ("busybox", "attack"):
        shutil.copy(machine.kit / name, folder)
    (folder / "bin").mkdir()
    for name in subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True,
                               check=True).stdout.split():
        (folder / "bin" / name).symlink_to("../busybox")
    variables = {"WRITABLE": "/tmp", "PLACE": "/workspace", **machine.variables, **more}
    (folder / "env").write_text("".join(f"{key}='{text}'\n" for key, text in variables.items()))
    (folder / "all").write_text(ALL)
    for attempt in ATTEMPTS:
        fits = place in attempt.places or (place == "bare" and attempt.bare)
        if fits and (only is None or attempt.name in only):
            (folder / "attempts" / attempt.name).write_text(attempt.script + "\n")
    return folder


def read(folder):
    return {path.name: path.read_text(errors="replace") for path in folder.iterdir()}


def from_nowhere(machine, tmp, *become):
    """On the machine itself: as root, or as who `become` makes of one."""
    kit = pack(machine, tmp / "kit", "bare", WRITABLE=machine.variables["SHARED"])
    done = subprocess.run(machine.inside(["unshare", "--mount", "--propagation", "private", *become,
                                          kit / "busybox", "sh", kit / "all", kit, tmp / "results"]),
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return read(tmp / "results")


def from_run(machine, user, tmp, *args, only=None):
    context = tmp / "context"
    context.mkdir(parents=True)
    pack(machine, context / "kit", RUN, only)
    (context / "Dockerfile").write_text(DOCKERFILE)
    user.build_ok(context, "--output", f"type=local,dest={tmp / 'out'}", *args)
    return read(tmp / "out")


def runtime(folder):
    """A folder for PATH, with the runtime that makes the attempts."""
    folder.mkdir()
    script = folder / "runc"
    script.write_text(RUNTIME)
    script.chmod(0o755)
    return folder


def from_daemon(machine, user, tmp, state, *args):
    """`user` has `runtime` in PATH; `state`: the folder of the builder's."""
    root = pathlib.Path(state) / "root"
    pack(machine, root / "kit", DAEMON, WRITABLE="/var/lib/buildkit")
    context = tmp / "context"
    context.mkdir()
    shutil.copy("/bin/busybox", context)
    (context / "Dockerfile").write_text('FROM scratch\nCOPY busybox /\nRUN ["/busybox", "true"]\n')
    user.build_ok(context, "--no-cache", *args)
    return read(root / "results")


def from_worker(machine, user, tmp, *args, only=None):
    context = tmp / "project"
    context.mkdir()
    pack(machine, context / "kit", WORKER, only, PLACE=str(context),
         WRITABLE=" ".join(map(str, user.home.glob("*/ktl/plugins/*"))))
    done = user.run("sandbox", "exec", *args, "--", "/workspace/kit/busybox", "sh",
                    "/workspace/kit/all", "/workspace/kit", "/tmp/results", "print", cwd=context)
    assert done.code == 0, done.err
    parts = done.out.split("=== ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def by_nobody(machine, folders):
    """What an ordinary user gets from setuid programs that the attempts have left."""
    text = ""
    places = [pathlib.Path(folder) for top in folders for folder, _, _ in os.walk(top)]
    for path in (path for place in places for path in place.glob(f"{machine.tag}-su*")):
        if path.stat().st_mode & stat.S_ISUID:
            text += subprocess.run(
                ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", path, "as",
                 "0", "cat", machine.variables["MARK"]],
                capture_output=True, text=True, check=False).stdout
    return text


def success(machine, name, text):
    """What an attempt got hold of."""
    got = machine.stolen(text)
    if machine.variables["WROTE"] in text:
        got.append("wrote")
    victim = pathlib.Path(machine.variables["VICTIMS"]) / name
    if victim.exists():
        got.append("victim")
    return got


def sweep(machine):
    for path in pathlib.Path(machine.variables["VICTIMS"]).iterdir():
        path.unlink()
    for path in pathlib.Path(machine.variables["SHARED"]).iterdir():
        path.unlink()
