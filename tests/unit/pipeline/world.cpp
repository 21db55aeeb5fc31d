#include "pipeline/world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/fd.h"

namespace ktl::testing {

FakePlugin& FakePlugin::on(const std::string& verb, Answer answer) {
  answers_[verb] = std::move(answer);
  return *this;
}

FakePlugin& FakePlugin::on(const std::string& verb, json::value answer) {
  return on(verb, [answer = std::move(answer)](const json::value&, const CallContext&) {
    return Result<json::value>(answer);
  });
}

FakePlugin& FakePlugin::fail(const std::string& verb, Code code) {
  return on(verb, [verb, code](const json::value&, const CallContext&) {
    return Result<json::value>(Status(code, verb + " broke"));
  });
}

Result<json::value> FakePlugin::invoke(const Verb& verb, const json::value& document,
                                       const CallContext& context) {
  calls_.push_back(identity_.id + " " + verb.name);
  last[verb.name] = document;
  auto answer = answers_.find(verb.name);
  return answer == answers_.end() ? Result<json::value>(json::object())
                                  : answer->second(document, context);
}

World::World() : solver("solver", calls), keeper("keeper", calls) {
  std::string name = ::testing::TempDir() + "ktl-world-XXXXXX";
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  root = name;
  context = root / "app";
  std::filesystem::create_directories(context);
  write("Dockerfile", "FROM scratch\nCOPY a /a\n");
  request.context = context;
  solver.on("connect", json::object{{"schema", "ktl.features/1"},
                                    {"address", "unix:///run/b"},
                                    {"kind", "private"},
                                    {"steps_fenced", false}});
  solver.on("begin", json::object{{"build", "ref"}});
  solver.on("next", [this](const json::value&, const CallContext&) {
    bool staging = bool_of(solver.last["begin"], "staging");
    bool allowed = bool_of(solver.last["resume"], "allow");
    return Result<json::value>(!staging  ? plain_done_turn()
                               : allowed ? done_turn('a')
                                         : gate_turn('a'));
  });
  keeper.on("acquire", json::object{{"schema", "ktl.lease/1"},
                                    {"address", "unix:///run/b"},
                                    {"kind", "private"},
                                    {"note", "fenced"},
                                    {"steps_fenced", true},
                                    {"lines", json::array()}});
  plugins.builders.push_back(&keeper);
  plugins.all.push_back(keeper.identity());
  plugins.solvers.push_back(&solver);
  plugins.all.push_back(solver.identity());
}

World::~World() { std::filesystem::remove_all(root); }

FakePlugin& World::add(const std::string& id, std::vector<StagePlugin*> StagePlugins::* list) {
  owned_.push_back(std::make_unique<FakePlugin>(id, calls));
  (plugins.*list).push_back(owned_.back().get());
  plugins.all.push_back(owned_.back()->identity());
  return *owned_.back();
}

FakePlugin& World::add_scanner(const std::string& id) {
  return add(id, &StagePlugins::scanners)
      .on("scan", json::object{{"schema", "ktl.findings/1"}, {"findings", json::array()}});
}

FakePlugin& World::add_preparer(const std::string& id) {
  return add(id, &StagePlugins::preparers).on("prepare", amendments({}));
}

FakePlugin& World::add_policy(const std::string& id) {
  return add(id, &StagePlugins::policies)
      .on("decide", json::object{{"schema", "ktl.answer/1"}, {"allow", true}, {"reason", ""}})
      .on("evaluate", verdict(true, {}));
}

FakePlugin& World::add_attester(const std::string& id) {
  return add(id, &StagePlugins::attesters)
      .on("attest", statements({}))
      .fail("sign", Code::kUnimplemented);
}

FakePlugin& World::add_exporter(const std::string& id) {
  FakePlugin& exporter = add(id, &StagePlugins::exporters);
  exporter.on("choose",
              json::object{{"staging", true}, {"outputs", {"store"}}, {"exclude", json::array()}});
  exporter.on("stage", json::object{{"staged", json::array()}});
  exporter.on("commit", [](const json::value& document, const CallContext&) {
    json::object receipt{
        {"kind", "store"}, {"name", "app:dev"}, {"digest", document.at("root").at("digest")}};
    return Result<json::value>(
        json::object{{"schema", "ktl.receipts/1"}, {"receipts", json::array{receipt}}});
  });
  return exporter;
}

BuildOutcome World::run() {
  Bus bus("test-build");
  bus.subscribe({"ears", [this](std::span<const EventPtr> batch) {
                   events_.insert(events_.end(), batch.begin(), batch.end());
                 }});
  outcome = ktl::run({.request = request,
                      .plugins = plugins,
                      .bus = bus,
                      .cancel = cancel,
                      .state = root / "state",
                      .version = "0.1.0",
                      .cache = root / "cache"});
  EXPECT_TRUE(bus.finish(std::chrono::seconds(10)).empty());
  return outcome;
}

std::vector<json::object> World::events(std::string_view type) const {
  std::vector<json::object> found;
  for (const auto& event : events_) {
    if (event->type == type) {
      found.push_back(event->body);
    }
  }
  return found;
}

json::value World::record() const {
  auto text = read_file(outcome.record, 1U << 20U);
  EXPECT_TRUE(text.ok()) << text.status().to_string();
  return text.ok() ? *parse_json(*text) : json::value();
}

std::vector<std::string> World::calls_of(const std::vector<std::string>& verbs) const {
  std::vector<std::string> found;
  std::ranges::copy_if(calls, std::back_inserter(found), [&](const std::string& call) {
    return std::ranges::find(verbs, call.substr(call.find(' ') + 1)) != verbs.end();
  });
  return found;
}

bool World::called(const std::string& call) const {
  return std::ranges::find(calls, call) != calls.end();
}

void World::write(const std::string& path, const std::string& text) const {
  EXPECT_TRUE(write_file_atomic(context / path, text).ok());
}

json::object amendments(const json::object& some) {
  json::object all{{"schema", "ktl.amendments/1"},
                   {"exclude", json::array()},
                   {"labels", json::object()},
                   {"pins", json::array()},
                   {"findings", json::array()}};
  for (const auto& member : some) {
    all[member.key()] = member.value();
  }
  return all;
}

json::object verdict(bool passed, const std::vector<std::string>& denied) {
  json::array denials;
  for (const std::string& rule : denied) {
    denials.push_back({{"rule", rule},
                       {"message", "is broken"},
                       {"location", "Dockerfile:2"},
                       {"edit", "mend it"}});
  }
  return {{"schema", "ktl.verdict/1"},
          {"passed", passed},
          {"denials", std::move(denials)},
          {"warnings", json::array()}};
}

json::object in_toto() {
  return {{"_type", "https://in-toto.io/Statement/v1"},
          {"subject", json::array()},
          {"predicateType", "https://example.org/said/v1"}};
}

json::object statements(const std::vector<std::string>& names) {
  json::array list;
  for (const std::string& name : names) {
    list.push_back({{"name", name}, {"statement", in_toto()}});
  }
  return {{"schema", "ktl.statements/1"}, {"statements", std::move(list)}};
}

json::object descriptor(char letter) {
  return {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
          {"digest", "sha256:" + std::string(64, letter)},
          {"size", 10}};
}

json::object solved(char letter) {
  json::object image{{"platform", "linux/amd64"},
                     {"manifest", descriptor(letter)},
                     {"config", descriptor('c')},
                     {"layers", json::array{descriptor('d')}}};
  return {{"schema", "ktl.solved/1"},
          {"plan", json::object()},
          {"root", descriptor(letter)},
          {"images", json::array{image}}};
}

json::object gate_turn(char letter) {
  return {{"schema", "ktl.turn/1"}, {"gate", {{"kind", "root"}, {"solved", solved(letter)}}}};
}

json::object done_turn(char letter) {
  json::object result = solved(letter);
  result["metadata"] = {{"containerimage.digest", "sha256:" + std::string(64, letter)}};
  return {{"schema", "ktl.turn/1"}, {"done", {{"ok", true}, {"solved", result}}}};
}

json::object plain_done_turn() {
  json::object result{{"schema", "ktl.solved/1"},
                      {"plan", json::object()},
                      {"root", nullptr},
                      {"images", json::array()}};
  return {{"schema", "ktl.turn/1"}, {"done", {{"ok", true}, {"solved", result}}}};
}

json::object failed_turn(const std::string& message) {
  json::object error{
      {"schema", "ktl.build-error/1"},
      {"message", message},
      {"step", "[2/2] RUN false"},
      {"exit_code", 1},
      {"source",
       {{"file", "Dockerfile"}, {"start_line", 2}, {"end_line", 2}, {"lines", {"RUN false"}}}}};
  return {{"schema", "ktl.turn/1"}, {"done", {{"ok", false}, {"error", error}}}};
}

}  // namespace ktl::testing
