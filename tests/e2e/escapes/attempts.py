"""Ways out, one a row: what a hostile step, daemon or worker would try.

A row's script runs with busybox' sh and the `attack` program in PATH and the variables that
machine.py gives: the attacker knows every path, number and address. It has succeeded when a nonce
of the machine is in what it prints. It runs
  from a RUN step, from a process in the daemon's place, from one in the worker's place, from a
  frontend that the Dockerfile names, and on the machine itself, where it has to succeed (`bare`), or it would prove nothing anywhere else.
`net` says what of the network it takes: where that is open by intent, it may succeed."""

import dataclasses

RUN, DAEMON, WORKER, FRONTEND = "run", "daemon", "worker", "frontend"
ALL = (RUN, DAEMON, WORKER, FRONTEND)
INSIDE = (RUN, DAEMON, FRONTEND)


@dataclasses.dataclass(frozen=True)
class Attempt:
    name: str
    kind: str
    script: str
    places: tuple = ALL
    net: str = ""
    bare: bool = True  # it succeeds on the machine itself

    def __str__(self):
        return self.name


def unprivileged(command):
    """With all capabilities in a user namespace of its own, as any user may."""
    return f"unshare -Urmpf sh -c '{command}'"


FILES = [
    Attempt("mark", "host files", "cat $MARK"),
    Attempt("proc-1-root", "host files", "cat /proc/1/root$MARK; cat /proc/$HELD/root$MARK"),
    Attempt("proc-any-root", "host files",
            "for p in /proc/[0-9]*; do cat $p/root$MARK $p/cwd/../..$MARK; done"),
    Attempt("dots", "host files", "cat ../../../../../../../../../../../..$MARK"),
    Attempt("chroot", "host files", "attack chroot $MARK"),
    Attempt("chroot-userns", "host files", unprivileged("attack chroot $MARK")),
    Attempt("file-handle", "host files",
            "attack handle $HANDLE / /etc/hosts /etc/resolv.conf /usr /lib /workspace "
            "/var/lib/buildkit . $MARK"),
    Attempt("file-handle-userns", "host files",
            unprivileged("attack handle $HANDLE / /etc/hosts /usr /workspace /var/lib/buildkit ."),
            bare=False),
    Attempt("descriptors", "host files",
            "exec 5</; attack descriptors $MARK"),
    Attempt("proc-fds", "host files",
            "exec 7</; cat /proc/self/fd/7$MARK; "
            "for p in /proc/[0-9]*; do for f in $p/fd/*; do cat $f/../../../../../..$MARK; done; done"),
    Attempt("map-files", "host files", "cat /proc/1/root$MARK /proc/$HELD/map_files/../root$MARK"),
    Attempt("dev-shm", "host files", "cat $SHM_FILE; cat /proc/1/root$SHM_FILE"),
    Attempt("host-tmp", "host files", "cat $TMP_FILE; find /tmp /var/tmp -name $TAG-note -exec cat {} +"),
    Attempt("sysfs-backing", "host files",
            "cat /sys/block/loop*/loop/backing_file | while read f; do cat $f; done"),
    Attempt("home", "other users", "cat $HOME_FILE"),
    Attempt("other-user", "other users", "cat $USER_FILE; su $TAG -c cat $USER_FILE"),
    Attempt("other-user-setpriv", "other users", "attack as 54321 cat $USER_FILE"),
]

SOCKETS = [
    Attempt("docker-sock", "sockets", "attack unix /var/run/docker.sock; attack unix /run/docker.sock"),
    Attempt("containerd-sock", "sockets", "attack unix /run/containerd/containerd.sock"),
    Attempt("any-sock", "sockets", "attack unix $SOCKET; attack unix /proc/1/root$SOCKET"),
    Attempt("find-socks", "sockets",
            "find /run /var /tmp -maxdepth 4 -type s | while read s; do attack unix $s; done; "
            "attack unix $SOCKET"),
    Attempt("abstract", "abstract sockets", "attack unix @$ABSTRACT", net="abstract"),
    Attempt("abstract-list", "abstract sockets",
            "sed -n 's/.* @/@/p' /proc/net/unix | grep $TAG | while read s; do attack unix $s; done",
            net="abstract"),
    Attempt("abstract-userns", "abstract sockets", unprivileged("attack unix @$ABSTRACT"),
            net="abstract"),
]


def tcp(address, port="$PORT"):
    return f"attack tcp {address} {port}"


NETWORK = [
    Attempt("loopback", "loopback", tcp("127.0.0.1"), net="loopback"),
    Attempt("loopback-udp", "loopback", "attack udp 127.0.0.1 $PORT", net="loopback"),
    Attempt("loopback-other", "loopback", tcp("127.9.8.7"), net="loopback"),
    Attempt("loopback-zero", "loopback", tcp("0.0.0.0"), net="loopback"),
    Attempt("loopback-mapped", "loopback", tcp("::ffff:127.0.0.1"), net="loopback"),
    Attempt("loopback-ipv6", "loopback", tcp("::1"), net="loopback"),
    Attempt("uplink-gateway", "loopback",
            "for n in 1 2 3 4 15 254 255; do attack tcp 10.0.2.$n $PORT & attack udp 10.0.2.$n $PORT & "
            "done; wait",
            net="loopback", bare=False),
    Attempt("own-address", "own addresses", tcp("$OWN"), net="own"),
    Attempt("own-address-udp", "own addresses", "attack udp $OWN $PORT", net="own"),
    Attempt("own-second", "own addresses", tcp("$OWN2"), net="own"),
    Attempt("own-anyip", "own addresses", tcp("$ANYIP"), net="own"),
    Attempt("own-ipv6", "own addresses", tcp("$OWN6"), net="own"),
    Attempt("own-broadcast", "own addresses", "attack udp $BROADCAST $PORT; attack udp $OWN $PORT",
            net="own"),
    Attempt("metadata-aws", "metadata", tcp("169.254.169.254", 80), net="metadata"),
    Attempt("metadata-azure", "metadata", tcp("168.63.129.16", 80), net="metadata"),
    Attempt("metadata-alibaba", "metadata", tcp("100.100.100.200", 80), net="metadata"),
    Attempt("metadata-oracle", "metadata", tcp("192.0.0.192", 80), net="metadata"),
    Attempt("metadata-ipv6", "metadata", tcp("fd00:ec2::254", 80), net="metadata"),
    Attempt("metadata-udp", "metadata", "attack udp 169.254.169.254 80", net="metadata"),
    Attempt("link-local", "metadata", tcp("169.254.1.1", 80), net="metadata"),
    Attempt("outside", "outside", tcp("$OUTSIDE", 80), net="outside"),
    Attempt("outside-udp", "outside", "attack udp $OUTSIDE 80", net="outside"),
    Attempt("outside-ipv6", "outside", tcp("$OUTSIDE6", 80), net="outside6"),
    Attempt("dns-direct", "dns", "attack udp $RESOLVER 53", net="outside"),
    Attempt("dns-forwarder", "dns", "attack udp 10.0.2.3 53; attack udp $RESOLVER 53", net="outside"),
    Attempt("raw-outside", "raw sockets", "attack raw $OUTSIDE", net="raw"),
    Attempt("raw-metadata", "raw sockets", "attack raw 169.254.169.254", net="raw"),
    Attempt("raw-userns", "raw sockets", "unshare -Ur attack raw $OUTSIDE; attack raw $OUTSIDE", net="raw"),
    Attempt("frame-metadata", "raw sockets",
            "for d in tap0 $DEVICE; do attack frame $d $SOURCE 169.254.169.254 80; "
            "attack frame $d 10.0.2.100 169.254.169.254 80; done", net="frames"),
    Attempt("frame-vlan", "raw sockets",
            "for d in tap0 $DEVICE; do attack frame $d 10.0.2.100 169.254.169.254 80 vlan; done",
            net="frames", bare=False),
    Attempt("frame-source-route", "raw sockets",
            "for d in tap0 $DEVICE; do attack frame $d 10.0.2.100 169.254.169.254 80 $OUTSIDE; done",
            net="frames", bare=False),
    Attempt("frame-loopback", "raw sockets",
            "for d in tap0 $DEVICE; do attack frame $d 10.0.2.100 127.0.0.1 $PORT; "
            "attack frame $d 10.0.2.100 10.0.2.2 $PORT; done", net="frames", bare=False),
    Attempt("gate-connect-address", "gate",
            "printf 'CONNECT 169.254.169.254:80 HTTP/1.1\\r\\n\\r\\n?\\n' | nc -w 2 127.0.0.1 $GATE; "
            "attack tcp 169.254.169.254 80", net="metadata"),
    Attempt("gate-connect-loopback", "gate",
            "printf \"CONNECT 127.0.0.1:$PORT HTTP/1.1\\r\\n\\r\\n?\\n\" | nc -w 2 127.0.0.1 $GATE; "
            "attack tcp 127.0.0.1 $PORT", net="loopback"),
    Attempt("gate-host-header", "gate",
            "printf \"GET http://$LISTED/ HTTP/1.1\\r\\nHost: $OUTSIDE:81\\r\\n\\r\\nGET "
            "http://$OUTSIDE:82/ HTTP/1.1\\r\\n\\r\\n\" | nc -w 2 127.0.0.1 $GATE; "
            "attack tcp $OUTSIDE 82", net="outside"),
    Attempt("gate-mapped", "gate",
            "printf 'CONNECT [::ffff:169.254.169.254]:80 HTTP/1.1\\r\\n\\r\\n?\\n' | nc -w 2 127.0.0.1 "
            "$GATE; attack tcp 169.254.169.254 80", net="metadata"),
    Attempt("gate-decimal", "gate",
            "printf 'GET http://2852039166/ HTTP/1.1\\r\\n\\r\\n' | nc -w 2 127.0.0.1 $GATE; "
            "attack tcp 169.254.169.254 80", net="metadata"),
    Attempt("forwarder", "gate", "attack tcp 127.0.0.1 $FORWARDED", (RUN, FRONTEND), net="loopback"),
]

PROCESSES = [
    Attempt("memory", "ptrace", "attack memory $HELD $HELD_AT"),
    Attempt("memory-userns", "ptrace", unprivileged("attack memory $HELD $HELD_AT"), bare=False),
    Attempt("environ", "ptrace", "tr '\\0' '\\n' < /proc/$HELD/environ; cat /proc/$HELD/cwd/secret"),
    Attempt("any-environ", "ptrace", "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep ^STOLEN"),
    Attempt("cmdline", "ptrace", "cat /proc/$HELD/cmdline"),
    Attempt("descriptor", "ptrace", "attack descriptor $HELD 9; cat /proc/$HELD/fd/9"),
    Attempt("pid-namespace", "ptrace", "nsenter -t $HELD -m cat $MARK; nsenter -t 1 -m cat $MARK"),
    Attempt("segment", "ipc", "attack segment $SEGMENT"),
    Attempt("user-key", "keyrings", "attack key $KEY $KEY_NAME"),
    Attempt("session-key", "keyrings", "attack key 0 $SESSION_NAME"),
    Attempt("key-userns", "keyrings", unprivileged("attack key $KEY $KEY_NAME"), bare=False),
]

MOUNTS = [
    Attempt("disk", "mounts", "grep -ao $TAG-[0-9a-f]* $DISK"),
    Attempt("disk-node", "mounts", "mknod /tmp/$TAG-disk b $DISK_MAJOR $DISK_MINOR; "
            "grep -ao $TAG-[0-9a-f]* /tmp/$TAG-disk; rm -f /tmp/$TAG-disk"),
    Attempt("disk-node-userns", "mounts",
            unprivileged("mknod /tmp/$TAG-disk2 b $DISK_MAJOR $DISK_MINOR; "
                         "grep -ao $TAG-.* /tmp/$TAG-disk2; rm -f /tmp/$TAG-disk2"), bare=False),
    Attempt("disk-mount", "mounts", "mkdir -p /tmp/$TAG-m; mount -t ext4 -o ro $DISK /tmp/$TAG-m; "
            "cat /tmp/$TAG-m/secret; umount /tmp/$TAG-m"),
    Attempt("disk-mount-api", "mounts", "attack device $DISK secret"),
    Attempt("devtmpfs", "mounts", "mkdir -p /tmp/$TAG-d; mount -t devtmpfs none /tmp/$TAG-d; "
            "grep -ao $TAG-[0-9a-f]* /tmp/$TAG-d/${DISK#/dev/}; umount /tmp/$TAG-d"),
    Attempt("devtmpfs-userns", "mounts",
            unprivileged("mount -t devtmpfs none /tmp; grep -ao $TAG-.* /tmp/${DISK#/dev/}"),
            bare=False),
    Attempt("bind-root", "mounts", "mkdir -p /tmp/$TAG-b; for r in / /proc/1/root /proc/$HELD/root; do "
            "mount --rbind $r /tmp/$TAG-b && cat /tmp/$TAG-b$MARK; umount -l /tmp/$TAG-b; done"),
    Attempt("uncover", "mounts", "for n in 1 2 3; do umount -l /; umount -l /tmp /run /proc; done; "
            "cat $MARK /proc/1/root$MARK"),
    Attempt("remount-usr", "mounts", "mount -o remount,rw,bind /usr; echo x > $VICTIMS/remount-usr"),
    Attempt("remount-usr-userns", "mounts",
            unprivileged("mount -o remount,rw,bind /usr; echo x > $VICTIMS/remount-usr-userns"), bare=False),
    Attempt("write-usr", "mounts", "echo x > $VICTIMS/write-usr"),
    Attempt("write-context", "mounts", "for d in /workspace $PLACE; do echo x > $d/written && echo $WROTE; done",
            (WORKER,), bare=False),
]


def knob(path):
    """Writes to it what it holds anyway; that it takes it is what is proven."""
    return f'v=$(cat {path}) && echo "$v" > {path} && echo $WROTE'


KERNEL = [
    Attempt("core-pattern", "kernel settings", knob("/proc/sys/kernel/core_pattern")),
    Attempt("core-pattern-remount", "kernel settings",
            "mount -o remount,rw /proc/sys; mount -o remount,rw,bind /proc/sys; mount -o remount,rw /proc; "
            "umount /proc/sys; " + knob("/proc/sys/kernel/core_pattern")),
    Attempt("core-pattern-new-proc", "kernel settings",
            "mkdir -p /tmp/$TAG-p; mount -t proc none /tmp/$TAG-p; "
            + knob("/tmp/$TAG-p/sys/kernel/core_pattern") + "; umount /tmp/$TAG-p"),
    Attempt("core-pattern-userns", "kernel settings",
            'unshare -Urmpf sh -c "mount -o remount,rw,bind /proc/sys; mount -t proc none /tmp; '
            'cat /tmp/sys/kernel/core_pattern > /tmp/core; cat /tmp/core > /tmp/sys/kernel/core_pattern '
            '&& echo $WROTE; echo core > /proc/sys/kernel/core_pattern && echo $WROTE"', bare=False),
    Attempt("panic", "kernel settings", knob("/proc/sys/kernel/panic")),
    Attempt("hotplug", "kernel settings",
            "mkdir -p /tmp/$TAG-s; mount -t sysfs none /tmp/$TAG-s; for s in /sys /tmp/$TAG-s; do "
            + knob("$s/kernel/uevent_seqnum") + "; " + knob("$s/module/printk/parameters/time")
            + "; done; umount /tmp/$TAG-s"),
    Attempt("suid-dumpable", "kernel settings", knob("/proc/sys/fs/suid_dumpable")),
    Attempt("release-agent", "cgroups",
            "for c in memory pids cpu; do mkdir -p /tmp/$TAG-c; mount -t cgroup -o $c none /tmp/$TAG-c && "
            "{ " + knob("/tmp/$TAG-c/release_agent") + "; umount /tmp/$TAG-c; }; done"),
    Attempt("release-agent-userns", "cgroups",
            'unshare -UrmCpf sh -c "mount -t cgroup -o memory none /tmp && cat /tmp/release_agent && '
            'echo $WROTE"', bare=False),
    Attempt("host-cgroup", "cgroups",
            "for d in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -d $d/$TAG ] && "
            "echo $$ > $d/$TAG/cgroup.procs && echo $WROTE; done"),
    Attempt("debugfs", "kernel settings",
            "mkdir -p /tmp/$TAG-t; for t in debugfs tracefs securityfs; do "
            "mount -t $t none /tmp/$TAG-t && umount /tmp/$TAG-t && echo $WROTE; done"),
    Attempt("load-disk", "kernel settings",
            "l=$(losetup -f) && losetup -r $l $BACKING && grep -ao $TAG-[0-9a-f]* $l; losetup -d $l"),
]

OUTPUT = [
    # What it leaves on the disk is tried by an ordinary user of the machine afterwards.
    Attempt("setuid", "setuid",
            "for d in $WRITABLE $SHARED; do cp $KIT/attack $d/$TAG-su && chown 0:0 $d/$TAG-su; "
            "chmod 6755 $d/$TAG-su; done", bare=False),
    Attempt("setuid-shared-folder", "setuid",
            "for d in $SHARED /proc/1/root$SHARED; do cp $KIT/attack $d/$TAG-su2 && "
            "chmod 6755 $d/$TAG-su2 && echo $WROTE; done"),
]

ATTEMPTS = FILES + SOCKETS + NETWORK + PROCESSES + MOUNTS + KERNEL + OUTPUT
