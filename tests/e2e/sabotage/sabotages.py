"""One control turned off at a time. Each has to be seen: the statement says something else, the
demand for the control fails, and an attempt of tests/e2e/escapes that failed succeeds."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Sabotage:
    name: str
    demand: str  # CONTROL=VALUE of the statement, which holds without the sabotage
    edit: tuple = ()  # (line of the policy's text, what it becomes); "" appends
    attempt: str = ""  # of the escapes' table; empty: there is none for it
    policy: str = "ktl-hermetic"
    runtime: tuple = ()  # an edit that the program makes; two empty words: it makes no fence at all
    args: tuple = ()
    env: tuple = ()
    also: tuple = ()  # an edit of the sound policy, too: what else would stop the attempt

    def __str__(self):
        return self.name


def bind(path, options=""):
    return ("", f'mount {{ src: "{path}" dst: "{path}" is_bind: true {options} }}')


FILTER = ('seccomp_string: "ERRNO(1) { add_key, keyctl, request_key, SYSCALL[0x400000f8], '
          'SYSCALL[0x400000f9], SYSCALL[0x400000fa] } DEFAULT ALLOW"')


def off(field):
    return (f"{field}: true", f"{field}: false")


# Of the client's fence. {NAME} is a variable of the machine.
CLIENT = [
    Sabotage("capabilities", "capabilities=none", ("keep_caps: false", "keep_caps: true"),
             "file-handle"),
    Sabotage("pid", "namespace.pid=own", off("clone_newpid"), "cmdline"),
    Sabotage("ipc", "namespace.ipc=own", off("clone_newipc"), "segment"),
    Sabotage("uts", "namespace.uts=own", off("clone_newuts")),
    Sabotage("cgroup", "namespace.cgroup=own", off("clone_newcgroup")),
    Sabotage("network", "network=none", off("clone_newnet"), "loopback"),
    Sabotage("network-abstract", "network=none", off("clone_newnet"), "abstract"),
    Sabotage("network-metadata", "network=none", off("clone_newnet"), "metadata-aws"),
    Sabotage("user", "namespace.user=own", off("clone_newuser"), "user-key", "linux-strict",
             also=(FILTER, 'seccomp_string: "DEFAULT ALLOW"')),
    Sabotage("privileges", "no_new_privs=1", (FILTER, "disable_no_new_privs: true")),
    Sabotage("filter", "seccomp=2", (FILTER, ""), "user-key"),
    Sabotage("filter-of-ci", "seccomp=2", (FILTER, ""), "user-key", "linux-ci"),
    Sabotage("proc", "kernel-settings=read-only",
             ('mount { dst: "/proc" fstype: "proc" }', 'mount { dst: "/proc" fstype: "proc" rw: true }'),
             "core-pattern"),
    Sabotage("proc-of-host", "kernel-settings=read-only", bind("/proc/sys", "rw: true"), "panic"),
    Sabotage("sysfs", "kernel-settings=read-only",
             ("", 'mount { src: "/sys" dst: "/sys" is_bind: true rw: true }'), "hotplug"),
    Sabotage("docker-sock", "root_equivalent_sockets=none", bind("/run/docker.sock"), "docker-sock"),
    Sabotage("containerd-sock", "root_equivalent_sockets=none", bind("/run/containerd/containerd.sock"),
             "containerd-sock"),
    Sabotage("docker-sock-by-flag", "root_equivalent_sockets=none", (), "docker-sock",
             args=("--sandbox-bind", "/run/docker.sock:/run/docker.sock")),
    Sabotage("context-writable", "path=/workspace ro", (), "",
             args=("--sandbox-bind", "{CONTEXT}:/workspace:rw")),
    Sabotage("disabled", "fence=nsjail", env=(("KTL_SANDBOX_DISABLE", "1"),)),
    # The policy is what it was, the program behind it does something else.
    Sabotage("runtime-network", "network=none", runtime=off("clone_newnet")),
    Sabotage("runtime-capabilities", "capabilities=none", runtime=("keep_caps: false", "keep_caps: true")),
    Sabotage("runtime-pid", "namespace.pid=own", runtime=off("clone_newpid")),
    Sabotage("runtime-ipc", "namespace.ipc=own", runtime=off("clone_newipc")),
    Sabotage("runtime-uts", "namespace.uts=own", runtime=off("clone_newuts")),
    Sabotage("runtime-proc", "kernel-settings=read-only",
             runtime=('fstype: "proc" is_dir: true', 'fstype: "proc" is_dir: true rw: true')),
    Sabotage("runtime-none", "fence=nsjail",
             runtime=("", "")),
]
# What is bound shows in the statement, and there is no demand against it yet.
BINDS = [
    Sabotage("bind-file", "", bind("{MARK}"), "mark"),
    Sabotage("bind-tmp", "", bind("{TMP_FILE}"), "host-tmp"),
    Sabotage("bind-memory", "", bind("{SHM_FILE}"), "dev-shm"),
    Sabotage("bind-home", "", bind("{HOME_FILE}"), "home"),
    Sabotage("bind-socket", "", bind("{SOCKET}"), "any-sock"),
    Sabotage("bind-disk", "", bind("{DISK}"), "disk"),
    Sabotage("bind-writable", "", bind("{VICTIMS}", "rw: true"), "write-usr"),
]
# Of the builder's fence: nsjail is another program, which edits the policy first.
BUILDER = [
    Sabotage("builder-network", "network=internet", off("clone_newnet"), "loopback"),
    Sabotage("builder-pid", "namespace.pid=own", off("clone_newpid"), "cmdline"),
    Sabotage("builder-ipc", "namespace.ipc=own", off("clone_newipc")),  # steps have their own
    Sabotage("builder-uts", "namespace.uts=own", off("clone_newuts")),
    Sabotage("builder-cgroup", "namespace.cgroup=own", off("clone_newcgroup")),
    Sabotage("builder-kernel-settings", "fence=ktl-builder",
             ('mount { src: "/proc/sys" dst: "/proc/sys" is_bind: true }', "")),
    Sabotage("builder-devices", "devices=full,null,pts,random,tty,urandom,zero",
             bind("{DISK}", "rw: true")),
    Sabotage("builder-writes", "", bind("{VICTIMS}", "rw: true")),
    Sabotage("builder-reads", "", bind("{SHARED}")),
    Sabotage("builder-root", "rootless=true", ("outside_id: ", "outside_id: 0 #")),
]
