"""What a private builder must not leave behind: processes, mounts, sockets, cgroups, half files."""

import pathlib


def command_lines():
    """(pid, arguments) of every process that can be seen."""
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(file.parent.name), file.read_text(errors="replace").split("\0")[:-1]
        except (OSError, ValueError):
            continue  # it has just ended


def keys(folder):
    """What the builders below `folder` are called; in their jails, paths have no more of it."""
    return [path.name.rsplit("-", 1)[1] for path in folder.glob("state/ktl/plugins/*/jailed-*")]


def processes(folder):
    """Processes that name something below `folder`, or a builder of it, on their command line."""
    marks = [str(folder), *keys(folder)]
    return [(pid, words) for pid, words in command_lines()
            if any(mark in word for word in words for mark in marks)]


def parent(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(stat.rpartition(")")[2].split()[1])
    except OSError:
        return 0


def daemons(folder):
    """The pids of the daemons whose configuration lies below `folder`; a child of one looks like it
    until it has become the program it is meant to be."""
    found = [pid for pid, words in processes(folder)
             if words[0].endswith("/buildkitd") and words[1:-1] == ["--config"]]
    return [pid for pid in found if parent(pid) not in found]


def steps(mark):
    """The pids of the processes whose command line begins with `mark`."""
    return [pid for pid, words in command_lines() if " ".join(words).startswith(mark)]


def mounts(folder):
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return [line.split()[4] for line in lines if str(folder) in line]


def sockets(folder):
    return [str(path) for path in folder.rglob("*") if path.is_socket()]


def cgroups(folder):
    places = [pathlib.Path("/sys/fs/cgroup"), *pathlib.Path("/sys/fs/cgroup").glob("*/")]
    return [str(place / f"ktl-{key}") for key in keys(folder) for place in places
            if (place / f"ktl-{key}").exists()]


def half_files(folder):
    """Files under way, records of a daemon that does not run, containers nobody runs."""
    return [str(path) for path in folder.rglob("*")
            if "ktl-tmp" in path.name or path.name == "instance.json"
            or (path.parent.name == "executor" and path.is_dir())]


def of_stopped(folder):
    """Everything that is left although the builder of the user at `folder` was stopped."""
    return {name: found for name, found in {
        "processes": processes(folder), "mounts": mounts(folder), "sockets": sockets(folder),
        "cgroups": cgroups(folder), "half files": half_files(folder)}.items() if found}
