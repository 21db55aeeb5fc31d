"""Steps from the cache: what is known of them, by today's rules."""

import json
import pathlib

from hermetic.dockerfiles import fetch, nonce, said

HELD = "not known to have run behind this fence"


def steps_of(ktl, folder, *args, **options):
    result = ktl.build_ok(folder, "--metadata-file", ktl.home / "meta.json", *args, **options)
    record = json.loads(pathlib.Path(
        json.loads((ktl.home / "meta.json").read_text())["ktl.record"]).read_text())
    return result, [step for step in record["steps"] if step["kind"] == "exec"]


def forget(ktl):
    for file in (ktl.home / "state/ktl/ledger").glob("*.jsonl"):
        file.unlink()


def two_runs(image):
    """The first may stay in the cache when a file changes."""
    return (f"FROM {image} AS one\nRUN echo {nonce()} > /one\n"
            f"FROM {image}\nCOPY --from=one /one /one\nCOPY file /file\nRUN cat /file > /two\n")


def test_what_ran_behind_the_fence_is_taken_from_the_cache(ktl, context, pinned):
    folder = context(two_runs(pinned), {"file": "1\n", "other": "1\n"})
    _, first = steps_of(ktl, folder, "--hermetic")
    assert [(step["cached"], step["fence"]) for step in first] == [(False, "network:none")] * 2
    (folder / "other").write_text("not copied\n")
    result, again = steps_of(ktl, folder, "--hermetic")
    assert [(step["cached"], step["fence"]) for step in again] == [(True, "network:none")] * 2
    assert [step["step"] for step in again] == [step["step"] for step in first]
    assert HELD not in result.err
    (folder / "file").write_text("2\n")
    _, changed = steps_of(ktl, folder, "--hermetic")
    assert sorted(step["cached"] for step in changed) == [False, True]


def test_what_nobody_knows_runs_again_once(ktl, context, pinned):
    folder = context(two_runs(pinned), {"file": "1\n"})
    steps_of(ktl, folder, "--hermetic")
    forget(ktl)
    result, again = steps_of(ktl, folder, "--hermetic", "-t", "it:1")
    assert [(step["cached"], step["fence"]) for step in again] == [(False, "network:none")] * 2
    said(result, HELD)
    result, third = steps_of(ktl, folder, "--hermetic")
    assert [step["cached"] for step in third] == [True, True] and HELD not in result.err


def test_only_the_stage_of_the_unknown_step_runs_again(ktl, context, pinned):
    folder = context(two_runs(pinned).replace(f"FROM {pinned}\nCOPY", f"FROM {pinned} AS two\nCOPY"),
                     {"file": "1\n"})
    _, first = steps_of(ktl, folder, "--hermetic")
    ledger = next((ktl.home / "state/ktl/ledger").glob("*.jsonl"))
    known = [line for line in ledger.read_text().splitlines()
             if json.loads(line)["step"] != first[0]["step"]]
    ledger.write_text("".join(f"{line}\n" for line in known))
    _, again = steps_of(ktl, folder, "--hermetic")
    by_step = {step["step"]: step["cached"] for step in again}
    assert by_step[first[0]["step"]] is False


def test_a_list_that_is_wider_or_the_same_takes_what_was_fetched(ktl, context, pinned, site):
    folder = context(fetch(f"{site.url}/file", pinned))
    _, (first,) = steps_of(ktl, folder, f"--allow-network={site.host}")
    assert first["fence"] == "network:list"
    assert [request["url"] for request in first["requests"]] == [f"{site.url}/file"]
    assert first["requests"][0]["digest"].startswith("sha256:")
    _, (again,) = steps_of(ktl, folder, f"--allow-network=127.0.0.1:1,{site.host}")
    assert again["cached"] and again["requests"][0]["url"] == f"{site.url}/file"
    assert len(site.asked) == 1


def test_a_narrower_list_does_not(ktl, context, pinned, site, other_site):
    folder = context(fetch(f"{site.url}/file", pinned))
    steps_of(ktl, folder, f"--allow-network={site.host},{other_site.host}")
    result = ktl.build(folder, f"--allow-network={other_site.host}")
    assert result.code == 3, result.err
    said(result, HELD, f"{site.url}/file", "Dockerfile:2")
    assert len(site.asked) == 1


def test_what_ran_on_an_open_network_does_not_count(ktl, context, pinned, site, other_site):
    folder = context(fetch(f"{site.url}/file", pinned))
    ktl.build_ok(folder)
    result = ktl.build(folder, f"--allow-network={other_site.host}")
    assert result.code == 3, result.err
    assert len(site.asked) == 1
    assert ktl.build(folder, "--hermetic").code == 1


def test_another_users_steps_do_not_count(ktl, context, pinned, buildkitd):
    from rig.ktl import Ktl
    folder = context(two_runs(pinned), {"file": "1\n"})
    ktl.build_ok(folder, "--hermetic")
    other = Ktl(buildkitd.address)
    result, again = steps_of(other, folder, "--hermetic")
    other.close()
    said(result, HELD)
    assert [step["cached"] for step in again] == [False, False]


def test_what_ran_before_a_step_failed_is_known(ktl, context, pinned):
    text = f"FROM {pinned}\nRUN echo {nonce()} > /one\nRUN "
    folder = context(text + "false\n")
    assert ktl.build(folder, "--hermetic").code == 1
    (folder / "Dockerfile").write_text(text + "true\n")
    result, steps = steps_of(ktl, folder, "--hermetic")
    assert [step["cached"] for step in steps] == [True, False] and HELD not in result.err
