#include "core/pipeline/note_steps.h"

#include <map>

#include "core/document/fields.h"
#include "ledger/ledger.h"

namespace ktl {
namespace {

constexpr const char* kNone = "none";  // no fence is built yet
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

  // Behind which fence the step ran.
  std::string fence_of(const json::object& step) {
    const std::string digest(text_of(step, "step"));
    if (!bool_of(step, "cached")) {
      if (!digest.empty()) {
        ran_.push_back({.step = digest, .fence = kNone, .time_ns = build_.setup().clock.unix_ns()});
      }
      return kNone;
    }
    return ledger_.ok() && ledger_->find(digest, kNone) != nullptr ? kNone : kUnknown;
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
