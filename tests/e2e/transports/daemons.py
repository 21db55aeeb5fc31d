"""Builders that are reached otherwise than by a unix socket: TLS, sshd, dockerd and a container."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from rig import images
from rig.process import Daemon, answers, free_port, program, wait_until


def openssl(*args, cwd):
    done = subprocess.run([program("openssl"), *map(str, args)], cwd=cwd, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


class Authority:
    """A certificate authority of our own, in a folder."""

    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder)
        self.name = name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}",
                cwd=self.folder)
        self.file = self.folder / f"{name}.pem"

    def issue(self, name, names="IP:127.0.0.1,DNS:localhost", days=2):
        """NAME.pem and NAME.key, good for `names`; days below 0: expired."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                cwd=self.folder)
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", self.file, "-CAkey", f"{self.name}.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", days, "-extfile", f"{name}.ext",
                cwd=self.folder)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


class TcpBuildkitd(Daemon):
    """buildkitd on a port of 127.0.0.1, with or without mutual TLS."""

    def __init__(self, authority=None, certificate=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-tcp-"))
        self.port = free_port()
        argv = [program("buildkitd", "build/libexec/ktl/buildkitd"), "--root", f"{self.folder}/root",
                "--addr", f"tcp://127.0.0.1:{self.port}", "--oci-worker-binary", program("runc"),
                "--otel-socket-path", f"{self.folder}/otel.sock"]
        if authority:
            argv += ["--tlscacert", str(authority.file), "--tlscert", str(certificate[0]),
                     "--tlskey", str(certificate[1])]
        super().__init__(argv, self.folder / "log", lambda: answers(self.port))
        self.address = f"tcp://127.0.0.1:{self.port}"

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Sshd(Daemon):
    """sshd on a port of 127.0.0.1 that lets this user in by a key of the test.

    `config` is what ssh(1) needs; `bin` is put before everything in the PATH of who logs in."""

    def __init__(self, bin_folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-ssh-"))
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f",
                            self.folder / name], check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        os.makedirs("/run/sshd", exist_ok=True)
        config = self.folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\n"
            f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nUsePAM no\n"
            f"PidFile {self.folder}/pid\nPasswordAuthentication no\nPermitRootLogin yes\n"
            f"SetEnv PATH={bin_folder}:/usr/sbin:/usr/bin:/bin\n")
        super().__init__([program("sshd"), "-D", "-e", "-f", str(config)], self.folder / "log",
                         lambda: answers(self.port))

    def let_in(self, home, identity=None):
        """Writes the .ssh of a home folder, and a program `ssh` that uses it. `identity`: the key's
        file, "none" leaves it to an agent."""
        folder = pathlib.Path(home) / "bin"
        folder.mkdir(exist_ok=True)
        host_key = (self.folder / "host.pub").read_text()
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {host_key}")
        wrapper = folder / "ssh"
        wrapper.write_text(f"#!/bin/sh\nexec {program('ssh')} -F none "
                           f"-o IdentityFile={identity or self.folder / 'user'} "
                           f"-o UserKnownHostsFile={self.folder}/known \"$@\"\n")
        wrapper.chmod(0o755)
        return folder

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def contents(path):
    return pathlib.Path(path).resolve().read_bytes()


def libraries_of(binary):
    """The shared libraries of a program, by their names in an image."""
    needs = subprocess.run(["ldd", binary], check=True, text=True, capture_output=True).stdout
    return {path.lstrip("/"): contents(path) for path in re.findall(r"(/\S+) \(", needs)}


CAPABILITIES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ").split()  # those that docker 20.10 knows


def privileges():
    """docker's flags for as privileged a container as this machine can give."""
    status = pathlib.Path("/proc/self/status").read_text()
    have = int(re.search(r"CapBnd:\s*(\w+)", status)[1], 16)
    names = [name for bit, name in enumerate(CAPABILITIES) if have >> bit & 1]
    last = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text())
    if have == (2 << last) - 1:
        return ["--privileged"]
    return ["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined",
            "--cap-drop=ALL", *(f"--cap-add={name}" for name in names)]


class Dockerd(Daemon):
    """Debian's docker daemon on a unix socket, with a data root of its own and no networks."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-dd-"))
        self.socket = self.folder / "docker.sock"
        self.host = f"unix://{self.socket}"
        super().__init__(
            [program("dockerd"), "--host", self.host, "--data-root", f"{self.folder}/data",
             "--exec-root", f"{self.folder}/exec", "--pidfile", f"{self.folder}/pid",
             "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false",
             "--ip-masq=false", "--userland-proxy=false", "--storage-driver=overlay2"],
            self.folder / "log", lambda: self.docker("version").returncode == 0)

    def docker(self, *args, **options):
        return subprocess.run([program("docker"), "--host", self.host, *map(str, args)],
                              capture_output=True, text=True, check=False, timeout=120, **options)

    def docker_ok(self, *args, **options):
        done = self.docker(*args, **options)
        assert done.returncode == 0, f"docker {args}: {done.stderr}"
        return done.stdout

    def run_buildkit(self, name):
        """buildkitd, buildctl and runc in a FROM scratch image, running as a container."""
        archive = images.tar_of({
            "bin/buildkitd": contents(program("buildkitd", "build/libexec/ktl/buildkitd")),
            "bin/buildctl": contents(program("buildctl", "build/tools/buildctl")),
            "bin/runc": contents(program("runc")), **libraries_of(program("runc")),
            "tmp/.keep": b"", "run/.keep": b""})
        (self.folder / "image.tar").write_bytes(archive)
        self.docker_ok("import", self.folder / "image.tar", "ktl-buildkit:test")
        self.docker_ok("run", "-d", "--name", name, *privileges(), "--network=none",
                       "-v", "/var/lib/buildkit", "-e", "PATH=/bin", "ktl-buildkit:test",
                       "/bin/buildkitd", "--oci-worker-binary", "/bin/runc")
        wait_until(lambda: self.docker("exec", name, "buildctl", "debug", "workers").returncode == 0,
                   "buildkitd in a container")

    def close(self):
        for line in self.docker("ps", "-aq").stdout.split():
            self.docker("rm", "-fv", line)
        self.stop()
        for line in reversed(open("/proc/self/mountinfo", encoding="utf-8").readlines()):
            point = line.split()[4]
            if point.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "--lazy", point], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
