"""What the user got wrong is exit 2, with words that help; nothing is built."""

import pytest

HELLO = "FROM scratch\nCOPY busybox /\n"


@pytest.fixture
def folder(context):
    return context(HELLO)


def refused(result, *said, code=2):
    assert result.code == code, result.err
    assert result.out == ""
    for words in said:
        assert words in result.err
    assert "Traceback" not in result.err and "terminate called" not in result.err


@pytest.mark.parametrize("args, said", [
    (["--tga", "x"], ["--tga", "--tag"]),
    (["--tag"], ["--tag"]),
    (["-t", "Upper"], ["Upper"]),
    (["-t", "a:b:c"], ["a:b:c"]),
    (["-t", ""], ["tag"]),
    (["-t", "x" * 300], ["255"]),
    (["--platform", "linux/"], ["linux/"]),
    (["--platform", "plan9"], ["plan9"]),
    (["--progress", "fancy"], ["fancy", "plain"]),
    (["--network", "bridge"], ["bridge", "default"]),
    (["--build-arg", "=x"], ["build-arg"]),
    (["--secret", "id=a,scr=b"], ["scr"]),
    (["--secret", "src=/x"], ["id"]),
    (["--secret", "NOT_IN_THE_ENVIRONMENT"], ["NOT_IN_THE_ENVIRONMENT"]),
    (["--ssh", "id=/no/such/socket"], ["/no/such/socket"]),
    (["--builder", "gopher://x"], ["gopher"]),
    (["--project", "/no/such.yaml"], ["/no/such.yaml"]),
    (["--authfile", "/no/such.json"], ["/no/such.json"]),
    (["--plugin-dir", "/no/such/folder"], ["/no/such/folder"]),
    (["--secure"], ["--secure", "not built yet", "--secrets"]),
    (["--sbom=true"], ["--sbom", "not built yet"]),
    (["--cache-on-failure"], ["--cache-on-failure: not built yet", "none when a step failed"]),
    (["another-context"], ["another-context"]),
])
def test_a_wrong_flag(ktl, folder, args, said):
    refused(ktl.build(folder, *args), *said)


@pytest.mark.parametrize("name, value, said", [
    ("KTL_PROGRESS", "fancy", "fancy"),
    ("KTL_PLATFORM", "plan9", "plan9"),
    ("KTL_TAG", "Upper", "Upper"),
    ("KTL_NO_CACHE", "perhaps", "perhaps"),
])
def test_a_wrong_value_from_the_environment(ktl, folder, name, value, said):
    result = ktl.run("build", folder, "--builder", ktl.builder, env={name: value})
    refused(result, said, name)


def test_an_unknown_name_in_the_environment_is_a_warning(ktl, folder):
    result = ktl.build_ok(folder, env={"KTL_PROGRES": "plain"})
    assert "KTL_PROGRES" in result.err
    assert "KTL_PROGRESS" in result.err


def test_an_unknown_command(ktl):
    refused(ktl.run("biuld"), "biuld", "build")


def test_a_missing_context(ktl):
    refused(ktl.build("/no/such/folder"), "/no/such/folder")


def test_a_file_as_context(ktl, folder):
    refused(ktl.build(folder / "Dockerfile"), "Dockerfile", "-f")


def test_a_missing_dockerfile(ktl, folder):
    (folder / "Dockerfile").unlink()
    refused(ktl.build(folder), "Dockerfile")
    refused(ktl.build(folder, "-f", folder / "Other"), "Other")


def test_a_folder_as_dockerfile(ktl, folder):
    (folder / "Dockerfile").unlink()
    (folder / "Dockerfile").mkdir()
    refused(ktl.build(folder), "Dockerfile")


def test_a_dockerfile_without_bounds(ktl, folder):
    with open(folder / "Dockerfile", "ab") as file:
        file.truncate(1 << 30)
    result = ktl.build(folder, timeout=20)
    assert result.code in (1, 2)
    assert "Dockerfile" in result.err


@pytest.mark.parametrize("yaml, said", [
    ("pluginz: []\n", ["ktl.yaml:1", "pluginz", "plugins"]),
    ("plugins:\n  - id: ktl.export.oci\n    config: {connections: many}\n", ["connections"]),
    ("plugins:\n  - id: ktl.export.nobody\n", ["ktl.export.nobody"]),
    ("plugins: []\nplugins: []\n", ["ktl.yaml:2", "plugins"]),
    ("a: &x 1\nb: *x\n", ["ktl.yaml:"]),
    ("a: [", ["ktl.yaml:"]),
])
def test_a_wrong_project_file(ktl, folder, yaml, said):
    (ktl.home / "ktl.yaml").write_text(yaml)
    refused(ktl.build(folder, "--project", ktl.home / "ktl.yaml"), *said)


def test_an_unreachable_builder(ktl, folder):
    refused(ktl.build(folder, "--builder", "unix:///no/such/socket"), "/no/such/socket", code=6)
    result = ktl.run("build", folder, env={"BUILDKIT_HOST": "unix:///no/such/socket"})
    refused(result, "/no/such/socket", code=6)


def test_a_builder_that_is_none(ktl, folder, registry):
    result = ktl.build(folder, "--builder", f"tcp://{registry.host}")
    assert result.code in (2, 6)
    assert registry.host in result.err
