"""Flag, environment, profile, ktl.yaml, user config, default: who wins, and from where."""

import json

import pytest

HELLO = "FROM scratch\nCOPY busybox /\n"


@pytest.fixture
def repo(context):
    return context(HELLO)


@pytest.fixture
def request_of(ktl, repo):
    """The request that `ktl build . ARGS` makes, with files as given."""

    def make(*args, yaml="", user="", env=None):
        (repo / "ktl.yaml").write_text(yaml)
        (ktl.home / "config/ktl").mkdir(exist_ok=True)
        (ktl.home / "config/ktl/config.yaml").write_text(user)
        result = ktl.run("build", ".", "--print", "--project", "ktl.yaml", *args, cwd=repo, env=env)
        assert result.code == 0, result.err
        return result.json()

    return make


def test_each_layer_beats_the_one_below(request_of, repo, ktl):
    user, yaml = "defaults: {target: user}\n", "build: {target: yaml}\n"
    profile = "profiles: {mine: {flags: {target: profile}}}\n"
    env = {"KTL_TARGET": "env"}

    def target(*args, **files):
        request = request_of(*args, **files)
        return request["target"], request["origin"].get("target", "")

    assert target() == ("", "")
    assert target(user=user) == ("user", f"{ktl.home}/config/ktl/config.yaml:1:12")
    assert target(user=user, yaml=yaml) == ("yaml", f"{repo}/ktl.yaml:1:9")
    assert target("--profile", "mine", user=user, yaml=yaml + profile) == (
        "profile", f"{repo}/ktl.yaml:2:27")
    assert target("--profile", "mine", user=user, yaml=yaml + profile, env=env) == (
        "env", "env KTL_TARGET")
    assert target("--profile", "mine", "--target", "flag", user=user, yaml=yaml + profile,
                  env=env) == ("flag", "flag")
    assert target(env={"TORQUE_TARGET": "other"}) == ("other", "env TORQUE_TARGET")


def test_maps_are_decided_by_key(request_of, repo, ktl):
    request = request_of("--build-arg", "F=flag", user="defaults: {build-arg: {A: user, B: user}}\n",
                         yaml="build: {args: {B: yaml, C: yaml}}\n",
                         env={"KTL_BUILD_ARG": "C=env\nD=env"})
    assert request["build_args"] == {"A": "user", "B": "yaml", "C": "env", "D": "env", "F": "flag"}
    origin = request["origin"]
    assert origin["build_args.A"] == f"{ktl.home}/config/ktl/config.yaml:1:24"
    assert origin["build_args.B"] == f"{repo}/ktl.yaml:1:16"
    assert origin["build_args.C"] == "env KTL_BUILD_ARG"
    assert origin["build_args.F"] == "flag"


def test_built_in_profiles(request_of, ktl, repo):
    request = request_of("--profile", "ci")
    assert (request["progress"], request["pull"], request["profile"]) == ("plain", True, "ci")
    assert request["origin"]["pull"] == "profile ci"
    secure = ktl.run("build", ".", "--profile", "secure", cwd=repo)
    assert secure.code == 2
    assert "--secure: not built yet" in secure.err and "profile secure" in secure.err


def test_registries_and_builders_are_in_the_request(request_of):
    request = request_of(
        yaml="registries: {a.b: {http: true}}\nbuilders: {x: {address: 'unix:///x'}}\n",
        user="registries: {a.b: {insecure: true}, c.d: {mirrors: [m]}}\n")
    assert [(rule["host"], rule["http"], rule["insecure"]) for rule in request["registries"]] == [
        ("a.b", True, False), ("c.d", False, False)]
    assert request["builders"][0]["members"][0]["address"] == "unix:///x"


@pytest.mark.parametrize("args, yaml, env, said", [
    ([], "defaults: {progress: loud}\n", {}, ["ktl.yaml:1:12", "loud"]),
    ([], "defaults: {progres: plain}\n", {}, ["ktl.yaml:1:12", "progress"]),
    ([], "defaults: {profile: ci}\n", {}, ["ktl.yaml:1:12", "KTL_PROFILE"]),
    ([], "defaults: {progress: [plain, tty]}\n", {}, ["ktl.yaml:1:12", "one value"]),
    ([], "defaults: {sbom: true}\n", {}, ["ktl.yaml:1:12", "not built yet"]),
    (["--profile", "cii"], "", {}, ["cii", "\"ci\""]),
    ([], "", {"KTL_PROFILE": "nobody"}, ["nobody", "env KTL_PROFILE"]),
    ([], "", {"KTL_TARGET": "a", "TORQUE_TARGET": "b"}, ["KTL_TARGET", "TORQUE_TARGET"]),
    (["--print=plans"], "", {}, ["plans", "plan"]),
    (["--set", "a.pull=true"], "", {}, ["--set a.pull"]),
])
def test_a_wrong_value_is_exit_2_wherever_it_comes_from(ktl, repo, args, yaml, env, said):
    (repo / "ktl.yaml").write_text(yaml)
    result = ktl.run("build", ".", "--project", "ktl.yaml", *args, cwd=repo, env=env)
    assert result.code == 2, result.err
    for words in said:
        assert words in result.err


def test_a_wrong_user_config_is_exit_2(ktl, repo):
    (ktl.home / "config/ktl").mkdir()
    file = ktl.home / "config/ktl/config.yaml"
    file.write_text("build: {}\n")
    result = ktl.run("build", ".", cwd=repo)
    assert result.code == 2
    assert f"{file}:1:1" in result.err


def test_an_unknown_name_in_the_environment_is_a_warning(ktl, repo):
    result = ktl.run("build", ".", "--print", cwd=repo, env={"KTL_PROFLE": "ci"})
    assert result.code == 0
    assert "KTL_PROFILE" in result.err
    json.loads(result.out)


def test_plan_and_isolation_need_no_builder(ktl, repo):
    env = {"BUILDKIT_HOST": "unix:///no/such/socket"}
    plan = ktl.run("build", ".", "-t", "app", "--print=plan", cwd=repo, env=env)
    assert plan.code == 0, plan.err
    assert plan.json()["schema"] == "ktl.plan/1"
    assert plan.json()["tags"] == ["docker.io/library/app:latest"]
    isolation = ktl.run("build", ".", "--print=isolation", cwd=repo, env=env)
    assert isolation.json()["schema"] == "ktl.isolation/1"
    assert not list(ktl.home.rglob("records/*.json"))
    (repo / "Dockerfile").unlink()
    missing = ktl.run("build", ".", "--print=plan", cwd=repo, env=env)
    assert missing.code == 2 and missing.out == ""


def test_config_show_says_where_values_come_from(ktl, repo):
    (repo / "ktl.yaml").write_text("build: {target: x}\ntargets: {api: {tags: [a]}}\n")
    shown = ktl.run("config", "show", "--origin", "--profile", "ci", cwd=repo)
    assert shown.code == 0, shown.err
    assert f"target = x  # {repo}/ktl.yaml:1:9\n" in shown.out
    assert "pull = true  # profile ci\n" in shown.out
    assert f"project: {repo}/ktl.yaml (not trusted)\n" in shown.out
    as_json = ktl.run("config", "show", "api", "--json", cwd=repo).json()
    assert as_json["values"]["tag"] == [{"word": "a", "origin": f"{repo}/ktl.yaml:2:17"}]
    assert ktl.run("config", "show", "apy", cwd=repo).code == 2


def test_config_schema_is_the_schema(ktl):
    schema = ktl.run("config", "schema").json()
    assert schema["title"] == "ktl.project/1"
    assert "targets" in schema["properties"]


def test_names_that_are_no_flags_have_their_other_name_too(ktl, repo):
    env = {"TORQUE_BUILDKITD": "/no/such/daemon", "KTL_BUILDKITD": "/another"}
    result = ktl.run("build", ".", "--print", cwd=repo, env=env)
    assert result.code == 2
    assert "KTL_BUILDKITD and TORQUE_BUILDKITD" in result.err
