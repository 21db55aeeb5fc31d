#include "core/pipeline/note_steps.h"

#include <map>

#include "core/document/fields.h"
#include "core/pipeline/step_ledger.h"
#include "ledger/ledger.h"

namespace ktl {
namespace {

constexpr const char* kNone = "none";
constexpr const char* kUnknown = "unknown";

void warn(const Build& build, const Status& status) {
  build.say("warn", "the ledger of this builder's steps: " + status.to_string() +
                        "; steps from the cache are unknown");
}

// The steps of one daemon, by its ledger.
class Notes {
 public:
  Notes(Build& build, const std::string& daemon)
      : build_(build), ledger_(ledger::Ledger::open(build.setup().state / "ledger", daemon)) {
    if (!ledger_.ok()) {
      warn(build_, ledger_.status());
    }
  }

  // Behind which fence the step ran. One from the cache gets the requests that are known of it.
  std::string fence_of(json::object& step) {
    const std::string digest(text_of(step, "step"));
    if (!bool_of(step, "cached")) {
      if (!digest.empty()) {
        ran_.push_back(entry_of_step(build_, step));
      }
      return fence_of_step(step);
    }
    for (const char* fence : {"network:none", "network:locked", "network:list", kNone}) {
      const ledger::Entry* entry = ledger_.ok() ? ledger_->find(digest, fence) : nullptr;
      if (entry != nullptr) {
        step["requests"] = requests_of(*entry);
        return fence;
      }
    }
    return kUnknown;
  }

  void save() {
    if (!ledger_.ok()) {
      return;
    }
    if (ledger_->damaged()) {
      build_.say("warn", "the ledger " + ledger_->file().string() +
                             " was damaged: what could not be read is forgotten, and those steps "
                             "are unknown until they run again");
    }
    if (ran_.empty() && !ledger_->damaged()) {
      return;
    }
    if (Status status = ledger_->add(ran_); !status.ok()) {
      warn(build_, status);
    }
  }

 private:
  static json::array requests_of(const ledger::Entry& entry) {
    json::array requests;
    for (const ledger::Request& one : entry.requests) {
      requests.push_back({{"url", one.url}, {"digest", one.digest}, {"size", one.size}});
    }
    return requests;
  }

  Build& build_;
  Result<ledger::Ledger> ledger_;
  std::vector<ledger::Entry> ran_;
};

}  // namespace

void note_steps(Build& build, const json::object& solved) {
  std::map<std::string, Notes> daemons;
  for (const json::value& each : array_of(solved, "steps")) {
    json::object step = each.as_object();  // solved-1 holds objects
    const bool runs = text_of(step, "kind") == "exec";
    if (runs) {
      const std::string daemon(text_of(step, "daemon"));
      Notes& notes = daemons.try_emplace(daemon, build, daemon).first->second;
      step["fence"] = notes.fence_of(step);
    } else {
      step["fence"] = kNone;  // nothing of the user's ran
    }
    step.erase("daemon");
    build.steps.push_back(std::move(step));
  }
  for (auto& [daemon, notes] : daemons) {
    notes.save();
  }
}

}  // namespace ktl
