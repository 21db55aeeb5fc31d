#include "core/plugins/check/steps.h"

#include <algorithm>
#include <thread>

#include "base/cancel.h"
#include "base/clock.h"
#include "core/plugins/check/samples.h"
#include "core/plugins/check/traces.h"
#include "core/plugins/checking.h"
#include "core/plugins/entry.h"
#include "core/plugins/load.h"
#include "core/plugins/plugin.h"

namespace ktl {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kCallMs = 5'000;
constexpr int64_t kGraceMs = 1'000;
constexpr auto kUntilCancel = std::chrono::milliseconds(50);
constexpr auto kThreadsEnd = std::chrono::seconds(1);  // after they were joined
constexpr int kRounds = 25;

// One loaded plugin under watch, in the child.
class Bench {
 public:
  Bench(const CheckGround& ground, const Say& say) : ground_(ground), say_(say) {
    auto host = std::make_shared<Host>();
    host->folders = ground.folders;
    host->publish = [](const std::string&, const json::object&) {};
    host->checking = checking_;
    host_ = std::move(host);
    PluginIndex none;
    auto code = load_plugin(plugin_at(ground.subject.file, "check", none));
    if (!code.ok()) {
      breach("load", code.status().message());
      return;
    }
    code_ = *std::move(code);
  }

  [[nodiscard]] bool loaded() const { return code_.entry != nullptr; }
  [[nodiscard]] const ktl_plugin_draft& entry() const { return *code_.entry; }
  [[nodiscard]] const Manifest& manifest() const { return code_.manifest; }

  void breach(std::string_view rule, const std::string& what) const {
    say_(json::object{{"rule", rule}, {"what", what}});
  }
  void note(const std::string& text) const { say_(json::object{{"note", text}}); }

  // An instance made as a build makes it, nullptr when it cannot be: an answer, not a breach.
  std::unique_ptr<Plugin> make() {
    auto plugin = std::make_unique<Plugin>(code_, host_);
    Status made = plugin->create(ground_.subject.config, limits(nullptr));
    if (!made.ok()) {
      note("create: " + made.message());
      plugin.reset();
    }
    tell();
    return plugin;
  }

  static CallContext limits(const CancelToken* cancel) {
    return {system_clock().monotonic_ns() + kCallMs * kMs, cancel, kGraceMs * kMs};
  }

  // Calls a verb with its sample; a failure of its own is an answer like any other.
  void call(Plugin& plugin, const Verb& verb, const CancelToken* cancel) {
    json::value document = sample_for(verb, manifest());
    Status done = verb.bytes ? plugin.invoke_bytes(verb, document, limits(cancel)).status()
                             : plugin.invoke(verb, document, limits(cancel)).status();
    if (!done.ok()) {
      note(done.message());
    }
    tell();
  }

  // What the plugin is asked on the C boundary, with text that ktl itself would never send.
  template <class Body>
  ktl_status raw(const std::string& what, Body&& body) {
    calls_.push_back(std::make_unique<PluginCall>(manifest().id, what, host_, INT64_MAX));
    ktl_status code = body(calls_.back().get());
    calls_.back()->returned();
    if (Status done = calls_.back()->outcome(code); !done.ok()) {
      note(done.message());
    }
    tell();
    return code;
  }

  // Passes on what the host has seen since the last time.
  void tell() {
    auto breaches = checking_->breaches();
    for (; told_ < breaches.size(); ++told_) {
      breach(breaches[told_].rule, sentence_of(breaches[told_], manifest().id));
    }
  }

  // A thread that has been joined is still listed by the kernel for a moment.
  void compare(const Traces& before, bool after_destroy) const {
    auto changes = before.changes(Traces::now(), after_destroy);
    const auto until = std::chrono::steady_clock::now() + kThreadsEnd;
    while (!changes.empty() && after_destroy && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      changes = before.changes(Traces::now(), after_destroy);
    }
    for (const auto& change : changes) {
      breach(change.rule, "plugin " + ground_.manifest.id + " " + change.what);
    }
  }

 private:
  const CheckGround& ground_;
  const Say& say_;
  std::shared_ptr<Checking> checking_ = std::make_shared<Checking>();
  std::shared_ptr<const Host> host_;
  PluginCode code_;
  size_t told_ = 0;
  std::vector<std::unique_ptr<PluginCall>> calls_;  // kept: a plugin may use one late
};

void step_load(const CheckGround& ground, const Say& say) {
  Traces before = Traces::now();
  Bench bench(ground, say);
  if (!bench.loaded()) {
    return;
  }
  bench.compare(before, false);
  for (const auto* at = bench.entry().interfaces; at->id != nullptr; ++at) {
    if (std::ranges::find(bench.manifest().interfaces, at->id) ==
        bench.manifest().interfaces.end()) {
      bench.breach("unlisted", "its code provides " + std::string(at->id) +
                                   ", which its manifest does not list");
    }
  }
}

void step_create(const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  // What one instance leaves behind may be there for good; what the second one adds is a leak.
  if (!bench.loaded() || bench.make() == nullptr) {
    return;
  }
  Traces before = Traces::now();
  if (auto plugin = bench.make()) {
    plugin.reset();
    bench.tell();
    bench.compare(before, true);
  }
}

void step_bad_config(const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  for (std::string_view text : {"{", "null", "[]", ""}) {
    ktl_instance* instance = nullptr;
    if (bench.loaded()) {
      bench.raw("create", [&](ktl_call* call) {
        return bench.entry().create(&plugin_host_table(), call, {text.data(), text.size()},
                                    &instance);
      });
    }
    if (instance != nullptr) {
      bench.entry().destroy(instance);
    }
  }
}

void step_twice(const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  auto schema = Schema::compile(ground.manifest.config);
  if (!bench.loaded() || !schema.ok()) {
    return;
  }
  std::string config = json::serialize(schema->with_defaults(ground.subject.config));
  std::array<ktl_instance*, 2> made{};
  for (auto*& instance : made) {
    bench.raw("create", [&](ktl_call* call) {
      return bench.entry().create(&plugin_host_table(), call, {config.data(), config.size()},
                                  &instance);
    });
  }
  if (made[0] != nullptr && made[0] == made[1]) {
    bench.breach("one-instance",
                 "plugin " + ground.manifest.id + " gave the same instance to two creates");
    return;
  }
  for (auto* instance : made) {
    if (instance != nullptr) {
      bench.entry().destroy(instance);
    }
  }
}

void step_verb(const Verb& verb, const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  auto plugin = bench.loaded() ? bench.make() : nullptr;
  if (plugin == nullptr) {
    return;
  }
  Traces before = Traces::now();
  bench.call(*plugin, verb, nullptr);
  bench.call(*plugin, verb, nullptr);
  bench.compare(before, false);
  plugin.reset();
  bench.tell();
}

void step_cancel(const Verb& verb, const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  auto plugin = bench.loaded() ? bench.make() : nullptr;
  if (plugin == nullptr) {
    return;
  }
  CancelToken cancel;
  std::thread user([&] {
    std::this_thread::sleep_for(kUntilCancel);
    cancel.cancel();
  });
  bench.call(*plugin, verb, &cancel);
  user.join();
  bench.call(*plugin, verb, &cancel);  // cancelled before it began
}

void step_garbage(const Verb& verb, const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  ktl_instance* instance = nullptr;
  auto schema = Schema::compile(ground.manifest.config);
  if (!bench.loaded() || !schema.ok()) {
    return;
  }
  std::string config = json::serialize(schema->with_defaults(ground.subject.config));
  bench.raw("create", [&](ktl_call* call) {
    return bench.entry().create(&plugin_host_table(), call, {config.data(), config.size()},
                                &instance);
  });
  ktl_verb function = verb_of(bench.entry(), verb);
  for (std::string_view text : {"{", "null", "[]", ""}) {
    if (instance != nullptr && function != nullptr) {
      bench.raw(std::string(verb.interface_id) + " " + verb.name, [&](ktl_call* call) {
        return function(instance, call, {text.data(), text.size()});
      });
    }
  }
}

// Two instances at work at the same time, each of them serially.
void step_threads(const Verb& verb, const CheckGround& ground, const Say& say) {
  Bench bench(ground, say);
  auto one = bench.loaded() ? bench.make() : nullptr;
  auto other = bench.loaded() ? bench.make() : nullptr;
  if (one == nullptr || other == nullptr) {
    return;
  }
  json::value document = sample_for(verb, bench.manifest());
  auto work = [&](Plugin& plugin) {
    for (int i = 0; i < kRounds; ++i) {
      [[maybe_unused]] auto answer = plugin.invoke(verb, document, Bench::limits(nullptr));
    }
  };
  std::thread second([&] { work(*other); });
  work(*one);
  second.join();
  bench.tell();
}

}  // namespace

std::vector<CheckStep> check_steps(const Manifest& manifest) {
  std::vector<CheckStep> steps = {{"load", step_load},
                                  {"create", step_create},
                                  {"bad config", step_bad_config},
                                  {"two instances", step_twice}};
  for (const Verb& verb : verbs::kAll) {
    if (std::ranges::find(manifest.interfaces, verb.interface_id) == manifest.interfaces.end() ||
        !is_harmless(verb)) {
      continue;
    }
    std::string name = std::string(verb.interface_id) + " " + verb.name;
    auto add = [&](const char* suffix, auto step) {
      steps.push_back({name + suffix, [verb, step](const CheckGround& ground, const Say& say) {
                         step(verb, ground, say);
                       }});
    };
    add("", step_verb);
    add(": cancel", step_cancel);
    add(": garbage", step_garbage);
    if (!verb.bytes) {
      add(": threads", step_threads);
    }
  }
  return steps;
}

}  // namespace ktl
