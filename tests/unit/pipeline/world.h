// A build with doubles around it: plugins that do what a test says, and ears for every event.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/plugins.h"
#include "core/pipeline/run.h"

namespace ktl::testing {

// Answers each verb with the last function given for it; a verb without one answers {}. Notes
// every call as "<id> <verb>" in a list that all plugins of a World share.
class FakePlugin : public StagePlugin {
 public:
  using Answer = std::function<Result<json::value>(const json::value&, const CallContext&)>;

  FakePlugin(std::string id, std::vector<std::string>& calls)
      : identity_{std::move(id), "1.0", ""}, calls_(calls) {}

  FakePlugin& on(const std::string& verb, Answer answer);
  FakePlugin& on(const std::string& verb, json::value answer);
  FakePlugin& fail(const std::string& verb, Code code);
  [[nodiscard]] Answer answer(const std::string& verb) const { return answers_.at(verb); }

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override;

  [[nodiscard]] bool gone() const override { return dead; }

  std::map<std::string, json::value> last;  // document of the last call, by verb
  bool dead = false;                        // its process is no more

 private:
  PluginIdentity identity_;
  std::vector<std::string>& calls_;
  std::map<std::string, Answer> answers_;
};

// A context folder with a Dockerfile, a request for it, a solver that stops at the gate, and
// whatever else a test adds. Everything is gone with it.
class World {
 public:
  World();
  ~World();

  FakePlugin& add_scanner(const std::string& id);
  FakePlugin& add_exporter(const std::string& id);  // chooses staging, makes one receipt
  FakePlugin& add_preparer(const std::string& id);  // amends nothing
  FakePlugin& add_policy(const std::string& id);    // agrees to everything
  FakePlugin& add_attester(const std::string& id);  // states nothing, does not sign

  BuildOutcome run();

  // After run(): the bodies of events of one type; the record.
  [[nodiscard]] std::vector<json::object> events(std::string_view type) const;
  [[nodiscard]] json::value record() const;
  // The calls whose verb is in `verbs`, as "<id> <verb>".
  [[nodiscard]] std::vector<std::string> calls_of(const std::vector<std::string>& verbs) const;
  [[nodiscard]] bool called(const std::string& call) const;

  void write(const std::string& path, const std::string& text) const;  // below the context

  std::filesystem::path root;
  std::filesystem::path context;
  Request request;
  CancelToken cancel;
  std::vector<std::string> calls;
  FakePlugin solver;
  FakePlugin keeper;  // of the builder behind "auto"
  StagePlugins plugins;
  BuildOutcome outcome;

 private:
  FakePlugin& add(const std::string& id, std::vector<StagePlugin*> StagePlugins::* list);

  std::vector<std::unique_ptr<FakePlugin>> owned_;
  std::vector<EventPtr> events_;
};

// ktl.amendments/1 with these members, else empty ones.
json::object amendments(const json::object& some);
// ktl.verdict/1 with a denial of each rule.
json::object verdict(bool passed, const std::vector<std::string>& denied);
// An in-toto Statement, and ktl.statements/1 with one for each name.
json::object in_toto();
json::object statements(const std::vector<std::string>& names);

// A descriptor with a digest of this letter.
json::object descriptor(char letter);
// ktl.solved/1 of one image whose root has a digest of this letter.
json::object solved(char letter);
json::object gate_turn(char letter);
json::object done_turn(char letter);
// Done without anything staged.
json::object plain_done_turn();
json::object failed_turn(const std::string& message);

}  // namespace ktl::testing
