"""Programs that speak HTTPS, as this machine has them: roots of images, copied file by file."""

import pathlib
import re
import shutil
import subprocess

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
OTHER = "/etc/ssl/certs/other.pem"  # some authority, which is not the proxy's

JAVA = """import java.net.*; import java.net.http.*;
public class Get { public static void main(String[] words) throws Exception {
  URI proxy = URI.create(System.getenv("HTTPS_PROXY"));
  HttpClient client = HttpClient.newBuilder().proxy(
      ProxySelector.of(new InetSocketAddress(proxy.getHost(), proxy.getPort()))).build();
  System.out.println(client.send(HttpRequest.newBuilder(URI.create(words[0])).build(),
                                 HttpResponse.BodyHandlers.ofString()).body()); } }
"""
GO = """package main
import ("fmt"; "io"; "net/http"; "os")
func main() {
  answer, err := http.Get(os.Args[1])
  if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
  io.Copy(os.Stdout, answer.Body)
}
"""


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, capture_output=True, **options)


class Root:
    """A context folder whose root/ becomes the image: a shell, the system's authorities, `other`."""

    def __init__(self, folder, other):
        self.folder, self.root = folder, folder / "root"
        for name in ("bin", "usr/bin", "etc/ssl/certs", "tmp"):
            (self.root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.root / "bin/busybox")
        for name in ("sh", "sed", "cat", "env"):
            (self.root / "bin" / name).symlink_to("busybox")
        (self.root / "usr/bin/env").symlink_to("/bin/busybox")
        shutil.copy(BUNDLE, self.root / BUNDLE[1:])
        shutil.copy(other, self.root / OTHER[1:])

    def file(self, path):
        place = self.root / str(path)[1:]
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pathlib.Path(path).resolve(), place)

    def program(self, path):
        """With the libraries that it needs."""
        self.file(path)
        for library in libraries(path):
            self.file(library)

    def tree(self, path, *without):
        shutil.copytree(path, self.root / str(path)[1:], symlinks=True, ignore_dangling_symlinks=True,
                        ignore=shutil.ignore_patterns("__pycache__", "test", *without))


def libraries(path):
    said = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", said)


def pip(root):
    home = pathlib.Path("/usr/lib/python3/dist-packages/pip")
    python = pathlib.Path("/usr/bin/python3").resolve()
    if not home.is_dir():
        return "needs Debian's python3-pip"
    root.program(python)
    (root.root / "usr/bin/python3").symlink_to(python.name)
    library = pathlib.Path("/usr/lib") / python.name
    root.tree(library, "config-*", "idlelib", "lib2to3", "pydoc_data")
    for module in (library / "lib-dynload").glob("*.so"):
        for each in libraries(module):
            root.file(each)
    root.tree(home)
    return ""


def npm(root):
    home = pathlib.Path("/usr/lib/node_modules/npm")
    if not home.is_dir() or not shutil.which("node"):
        return "needs Node.js with its own npm in /usr/lib/node_modules"
    root.program("/usr/bin/node")
    root.tree(home)
    (root.root / "usr/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    return ""


def go(root):
    if not shutil.which("go"):
        return "needs the Go toolchain"
    (root.folder / "get.go").write_text(GO)
    run("go", "build", "-o", root.root / "bin/get", root.folder / "get.go", env={
        "PATH": "/usr/local/go/bin:/usr/bin:/bin", "HOME": root.folder, "CGO_ENABLED": "0",
        "GOCACHE": root.folder / "cache", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"},
        cwd=root.folder)
    shutil.rmtree(root.folder / "cache")
    return ""


def java(root):
    if not all(shutil.which(name) for name in ("jlink", "javac")):
        return "needs a JDK with jlink"
    (root.folder / "Get.java").write_text(JAVA)
    run("javac", "-d", root.root, root.folder / "Get.java")
    run("jlink", "--add-modules", "java.base,java.net.http,jdk.crypto.ec", "--strip-debug",
        "--output", root.root / "jre")
    for name in ("java", "keytool"):
        (root.root / "usr/bin" / name).symlink_to(f"/jre/bin/{name}")
        for each in libraries(root.root / "jre/bin" / name):
            if not each.startswith(str(root.root)):
                root.file(each)
    for module in (root.root / "jre/lib").rglob("*.so"):
        for each in libraries(module):
            if not each.startswith(str(root.root)):
                root.file(each)
    return ""


def curl(root):
    if not pathlib.Path("/usr/bin/curl").exists():
        return "needs curl"
    root.program("/usr/bin/curl")
    return ""


MAKERS = {"pip": pip, "npm": npm, "go": go, "java": java, "curl": curl}
