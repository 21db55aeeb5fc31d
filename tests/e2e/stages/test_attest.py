"""ktl.attest/1: what is stated is kept, judged and signed, or nothing leaves."""

import base64
import hashlib
import json

import pytest

from stages.puppets import WHERES

COPY = "FROM scratch\nCOPY Dockerfile /\n"
STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app"}],
             "predicateType": "https://example.org/said/v1", "predicate": {"well": True}}


def statements(*names):
    return {"schema": "ktl.statements/1",
            "statements": [{"name": name, "statement": STATEMENT} for name in names]}


def envelope(name="said.json", payload=STATEMENT):
    text = base64.b64encode(json.dumps(payload).encode()).decode()
    return {"schema": "ktl.envelope/1", "name": name,
            "bundle": {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                       "dsseEnvelope": {"payload": text, "signatures": [{"sig": "eA=="}],
                                        "payloadType": "application/vnd.in-toto+json"}}}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("where", WHERES)
def test_a_signed_statement_is_kept_beside_the_record(stage, puppet, context, where):
    plugin = puppet("attest", where).says("attest", statements("said.json"))
    plugin.says("sign", envelope())
    policy = puppet("policy")
    result = stage.build_ok(context(COPY))
    assert stage.out.exists()
    (subject,) = plugin.seen("attest")
    assert subject["solved"]["root"]["digest"] and subject["plan"]["schema"] == "ktl.plan/1"
    assert policy.seen("evaluate")[1]["statements"] == [STATEMENT]
    assert plugin.seen("sign")[0]["statement"] == STATEMENT
    record, files = stage.record(), stage.evidence()
    assert sorted(files) == ["bundles/said.json", "statements/said.json"]
    assert json.loads(files["statements/said.json"]) == STATEMENT
    assert json.loads(files["bundles/said.json"]) == envelope()["bundle"]
    assert record["statements"] == [
        {"name": "said.json", "plugin": plugin.id, "digest": digest(files["statements/said.json"]),
         "bundle": {"plugin": plugin.id, "digest": digest(files["bundles/said.json"])}}]
    assert f"statements about this build are in {stage.ktl.home}/state/ktl/records/" in result.err


def test_who_cannot_sign_leaves_it_to_another(stage, puppet, context):
    puppet("attest").says("attest", statements("said.json"))
    signer = puppet("second-attest").says("attest", statements()).says("sign", envelope())
    stage.build_ok(context(COPY))
    assert stage.record()["statements"][0]["bundle"]["plugin"] == signer.id


def test_unsigned_is_said(stage, puppet, context):
    puppet("attest").says("attest", statements("said.json"))
    assert "statement said.json is not signed" in stage.build_ok(context(COPY)).err
    assert "bundle" not in stage.record()["statements"][0]


def test_one_name_twice_names_both(stage, puppet, context):
    puppet("attest").says("attest", statements("said.json"))
    puppet("second-attest").says("attest", statements("said.json"))
    stage.refused(context(COPY), 8, "e2e.second-attest makes a statement said.json",
                  "so did e2e.attest")


def test_what_policies_do_not_like_is_not_signed(stage, puppet, context):
    plugin = puppet("attest").says("attest", statements("said.json")).says("sign", envelope())
    puppet("policy").says("evaluate-attest", {
        "schema": "ktl.verdict/1", "passed": False, "warnings": [],
        "denials": [{"rule": "said", "message": "says too much"}]})
    stage.refused(context(COPY), 3, "said: says too much")
    assert plugin.seen("sign") == []
    assert sorted(stage.evidence()) == ["statements/said.json"]
    assert stage.record()["statements"][0]["name"] == "said.json"


@pytest.mark.parametrize("verb,answer,words", [
    ("attest", "fail 14 the log is away", "the log is away"),
    ("attest", "{}", "the answer of e2e.attest attest"),
    ("sign", "fail 14 the key is away", "the key is away"),
    ("sign", "{}", "the answer of e2e.attest sign"),
    ("sign", envelope("other.json"), "the envelope is of another statement"),
    ("sign", envelope(payload={**STATEMENT, "subject": []}), "what was signed is not the statement"),
])
def test_what_cannot_be_stated_or_signed_exports_nothing(stage, puppet, context, verb, answer,
                                                         words):
    plugin = puppet("attest").says("attest", statements("said.json")).says("sign", envelope())
    plugin.says(verb, answer)
    stage.refused(context(COPY), 7, words, "e2e.attest")


def test_one_that_crashes_apart_is_named(stage, puppet, context):
    puppet("attest", "isolated").says("attest", "crash")
    stage.refused(context(COPY), 8, "plugin e2e.attest was killed by signal 11 (SIGSEGV)")


def test_secrets_are_in_no_statement(stage, puppet, context, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct-horse-battery")
    said = {**STATEMENT, "predicate": {"well": "correct-horse-battery"}}
    document = {"schema": "ktl.statements/1", "statements": [{"name": "said.json", "statement": said}]}
    plugin = puppet("attest").says("attest", document).says("sign", envelope(payload=said))
    result = stage.build(context(COPY), "--secret", f"id=s,src={secret}")
    assert result.code == 7 and "what was signed is not the statement" in result.err
    (plugin.folder / "sign").unlink()
    stage.out.exists() and pytest.fail("something was exported")
    result = stage.build_ok(context(COPY, name="again"), "--secret", f"id=s,src={secret}")
    folder = stage.ktl.home / "state/ktl/records"
    kept = [file.read_text() for file in folder.rglob("statements/said.json")]
    assert len(kept) == 2 and all('"well":"***"' in text for text in kept)
