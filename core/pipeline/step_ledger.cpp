#include "core/pipeline/step_ledger.h"

#include <algorithm>
#include <map>

#include "base/sha256.h"
#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/fence_rules.h"
#include "ledger/ledger.h"

namespace ktl {
namespace {

constexpr const char* kOpen = "none";
constexpr const char* kNone = "network:none";
constexpr const char* kList = "network:list";
constexpr const char* kLocked = "network:locked";

// What the plugin said of its rules when it judged the plan.
std::string_view rules_of(const Build& build, std::string_view id) {
  auto verdict = std::ranges::find_if(
      build.verdicts, [&](const json::value& each) { return text_of(each, "plugin") == id; });
  return verdict == build.verdicts.end() ? std::string_view() : text_of(*verdict, "rules");
}

// Names rules and policies: who judges by others may say something else.
std::string policy_digest(const Build& build) {
  json::array policies;
  for (const StagePlugin* policy : build.setup().plugins.policies) {
    const PluginIdentity& identity = policy->identity();
    policies.push_back(
        {identity.id, identity.version, identity.sha256, rules_of(build, identity.id)});
  }
  return digest_of(json::serialize(
      json::object{{"fence", to_json(build.plan.fence)}, {"policies", std::move(policies)}}));
}

// The daemons' ledgers, each read once.
class Ledgers {
 public:
  explicit Ledgers(const Build& build) : build_(build) {}

  const ledger::Entry* find(const std::string& daemon, const std::string& step,
                            const std::string& fence) {
    auto [at, fresh] = ledgers_.try_emplace(daemon, Status(Code::kNotFound, ""));
    if (fresh) {
      at->second = ledger::Ledger::open(build_.setup().state / "ledger", daemon);
    }
    return at->second.ok() && !step.empty() ? at->second->find(step, fence) : nullptr;
  }

 private:
  const Build& build_;
  std::map<std::string, Result<ledger::Ledger>> ledgers_;
};

// Whether what a step did then may be done today.
class Judge {
 public:
  explicit Judge(const Build& build) : build_(build), rules_(FenceRules::make(build.plan)) {}

  bool allows(const ledger::Entry& entry, const json::value& step) const {
    return std::ranges::all_of(entry.requests, [&](const ledger::Request& request) {
      const json::value question{
          {"schema", "ktl.question/1"},
          {"kind", "request"},
          {"build", build_.setup().bus.build()},
          {"request", {{"method", "*"}, {"url", request.url}, {"step", text_of(step, "name")}}},
          {"line", std::max<int64_t>(int_of(step, "line"), 0)}};
      return rules_.ok() && rules_->decide(question).ok() && is_locked(request, step) &&
             policies_allow(question);
    });
  }

 private:
  // What it got is what the lock has; without a lock there is nothing to say.
  [[nodiscard]] bool is_locked(const ledger::Request& request, const json::value& step) const {
    const LockRules* lock = rules_->lock();
    const lock::Download* one =
        lock == nullptr ? nullptr : lock->find(text_of(step, "name"), request.url);
    return lock == nullptr || (one != nullptr && one->digest == request.digest);
  }

  [[nodiscard]] bool policies_allow(const json::value& question) const {
    return std::ranges::all_of(build_.setup().plugins.policies, [&](StagePlugin* policy) {
      const auto answer = call_quietly(build_, *policy, contracts::kDecide, question);
      return answer.ok() && bool_of(*answer, "allow");
    });
  }

  const Build& build_;
  const Result<FenceRules> rules_;
};

}  // namespace

std::string fence_of_step(const json::value& step) {
  const std::string_view network = text_of(step, "network", "open");
  return network == "none"     ? kNone
         : network == "list"   ? kList
         : network == "locked" ? kLocked
                               : kOpen;
}

Status check_requests(const Build& build, const json::array& steps) {
  if (build.plan.lock == nullptr) {
    return {};
  }
  const LockRules rules(build.plan.lock);
  for (const json::value& step : steps) {
    const std::string name(text_of(step, "name"));
    for (const json::value& request : array_of(step, "requests")) {
      const std::string url(text_of(request, "url"));
      const lock::Download* own = rules.find(name, url);
      const lock::Download* got = rules.find(text_of(request, "for"), url);
      if (!bool_of(step, "cached") &&
          (own == nullptr || got == nullptr || own->digest != got->digest)) {
        const bool method = text_of(request, "for").empty();
        return Status(Code::kPermissionDenied,
                      "step " + name + " asked for " + url +
                          (method ? " by another method than GET, and nothing else can be locked"
                                  : ": ktl.lock has it for another step"))
            .advise("`ktl lock` writes what this build is made from");
      }
    }
  }
  return {};
}

ledger::Entry entry_of_step(const Build& build, const json::value& step) {
  ledger::Entry entry{.step = std::string(text_of(step, "step")),
                      .fence = fence_of_step(step),
                      .time_ns = build.setup().clock.unix_ns()};
  if (entry.fence == kOpen) {
    return entry;
  }
  entry.policy = policy_digest(build);
  for (const json::value& request : array_of(step, "requests")) {
    entry.requests.push_back({std::string(text_of(request, "url")),
                              std::string(text_of(request, "digest")), int_of(request, "size")});
  }
  return entry;
}

std::vector<json::object> unknown_steps(const Build& build, const json::array& steps) {
  Ledgers ledgers(build);
  const Judge judge(build);
  std::vector<json::object> unknown;
  for (const json::value& step : steps) {
    if (!bool_of(step, "cached")) {
      continue;
    }
    const std::string daemon(text_of(step, "daemon"));
    const std::string digest(text_of(step, "step"));
    const ledger::Entry* strict = ledgers.find(daemon, digest, kNone);
    const std::string fence = fence_of_step(step);
    const ledger::Entry* listed = fence == kList ? ledgers.find(daemon, digest, kList) : nullptr;
    const ledger::Entry* locked = fence == kNone ? nullptr : ledgers.find(daemon, digest, kLocked);
    const bool known = strict != nullptr || (listed != nullptr && judge.allows(*listed, step)) ||
                       (locked != nullptr && judge.allows(*locked, step));
    if (!known) {
      unknown.push_back(step.as_object());
    }
  }
  return unknown;
}

std::vector<std::string> stages_of(const Plan& plan, const std::vector<json::object>& steps) {
  std::vector<std::string> names;
  for (const json::object& step : steps) {
    std::string name;
    for (const PlanStage& stage : plan.stages) {
      name = stage.line <= int_of(step, "line") ? stage.name : name;
    }
    if (name.empty()) {
      return {"*"};
    }
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace ktl
