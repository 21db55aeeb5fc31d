#include "core/plugins/check/samples.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ktl {
namespace {

constexpr std::array<std::string_view, 15> kHarmless = {
    "prepare", "probe",  "wrap",      "scan",   "evaluate", "decide", "options", "inspect",
    "plan",    "attest", "on_events", "choose", "verify",   "check",  "run"};

json::value text(std::string_view json) {
  auto value = parse_json(json);
  return value.ok() ? *std::move(value) : json::value();
}

json::object plan_sample() {
  return text(R"({"schema": "ktl.plan/1", "name": "sample",
    "context": {"dir": "/nonexistent/ktl-plugin-check", "exclude": []},
    "dockerfile": {"dir": "/nonexistent/ktl-plugin-check", "name": "Dockerfile", "syntax": "",
      "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    "target": "", "platforms": ["linux/amd64"], "tags": [],
    "args": {}, "labels": {}, "secrets": [], "ssh": [], "no_cache": false, "pull": false,
    "network": "",
    "stages": [{"name": "", "index": 0, "base": "scratch", "line": 1, "needs": [],
                "needed": true}],
    "sources": [], "session": {"shared_key": "ktl-plugin-check"}, "options": {}})")
      .as_object();
}

json::object solved_sample() {
  return {{"schema", "ktl.solved/1"},
          {"plan", plan_sample()},
          {"root", nullptr},
          {"images", json::array()},
          {"metadata", json::object()}};
}

json::object isolation_sample() {
  return {{"schema", "ktl.isolation/1"}, {"client", json::array()}, {"steps", json::array()}};
}

json::object fence_sample() {
  return {{"schema", "ktl.fence/1"}, {"profile", "/policy.cfg"}, {"runtime", ""},
          {"context", ""},           {"workdir", "/workspace"},  {"binds", json::array()},
          {"network", "none"}};
}

json::value sample(std::string_view schema) {
  if (schema == "plan-1") {
    return plan_sample();
  }
  if (schema == "solved-1") {
    return solved_sample();
  }
  if (schema == "preparation-1") {
    return json::object{{"schema", "ktl.preparation/1"},
                        {"request", {{"schema", "ktl.request/1"}, {"command", "build"}}},
                        {"plan", plan_sample()}};
  }
  if (schema == "fence-1") {
    return fence_sample();
  }
  if (schema == "wrap-1") {
    return json::object{{"schema", "ktl.wrap/1"},    {"fence", fence_sample()},
                        {"argv", {"/bin/true"}},     {"env", json::object()},
                        {"keep_fds", json::array()}, {"log_fd", -1}};
  }
  if (schema == "judgement-1") {
    return json::object{{"schema", "ktl.judgement/1"},     {"stage", "attest"},
                        {"plan", plan_sample()},           {"solved", solved_sample()},
                        {"isolation", isolation_sample()}, {"findings", json::array()},
                        {"statements", json::array()}};
  }
  if (schema == "question-1") {
    return json::object{{"schema", "ktl.question/1"},
                        {"kind", "source"},
                        {"build", ""},
                        {"source", {{"ref", "docker.io/library/alpine:3"}}},
                        {"line", 1}};
  }
  if (schema == "cache-query-1") {
    return json::object{{"schema", "ktl.cache-query/1"},
                        {"plan", plan_sample()},
                        {"changed", json::array()},
                        {"targets", json::array()}};
  }
  if (schema == "subject-1") {
    return json::object{{"schema", "ktl.subject/1"},
                        {"plan", plan_sample()},
                        {"solved", solved_sample()},
                        {"isolation", isolation_sample()},
                        {"findings", json::array()}};
  }
  if (schema == "envelope-1") {
    return json::object{{"schema", "ktl.envelope/1"},
                        {"name", "sample.json"},
                        {"bundle", json::object()},
                        {"trust", json::array()}};
  }
  return json::object{
      {"schema", "ktl.reference/1"}, {"id", "sample"}, {"reference", "none:ktl-plugin-check"}};
}

json::value event_sample() {
  return json::array{json::object{{"seq", 1},
                                  {"time_ns", 0},
                                  {"build", "sample"},
                                  {"type", "message/1"},
                                  {"body", {{"level", "info"}, {"plugin", ""}, {"text", "x"}}}}};
}

}  // namespace

bool is_harmless(const Verb& verb) {
  return verb.bytes || std::ranges::find(kHarmless, verb.name) != kHarmless.end();
}

json::value sample_for(const Verb& verb, const Manifest& manifest) {
  const std::string_view id = verb.interface_id;
  if (id == KTL_EVENTS_ID) {
    return event_sample();
  }
  if (id == KTL_CHECK_ID) {
    return json::object{{"builder", "auto"}};
  }
  if (id == KTL_COMMAND_ID) {
    std::string name = manifest.commands.empty() ? "sample" : manifest.commands.front().name;
    return json::object{{"name", name}, {"args", {"--help"}}};
  }
  return sample(verb.in);
}

}  // namespace ktl
