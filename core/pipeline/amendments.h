// What prepare plugins want changed in the plan (ktl.amendments/1), taken over plugin by plugin.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/document/plan.h"

namespace ktl {

// Thread rule: one thread.
class Amendments {
 public:
  // `plan` is the draft, and outlives this; what it says by now was the user's wish.
  explicit Amendments(Plan& plan) : plan_(plan), given_(plan.labels) {}

  // Applies one plugin's amendments, or fails: kInvalidArgument when they contradict another
  // plugin's (naming both) or ask for what this build cannot do, kInternal when they make no sense
  // in any build.
  Status take(const std::string& plugin, const json::value& document);

  // What people should hear about what was taken, a sentence each.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  Status take_exclude(const std::string& plugin, const json::value& document);
  Status take_label(const std::string& plugin, const std::string& key, const std::string& value);
  Status take_pin(const std::string& plugin, const std::string& ref, const std::string& digest);

  struct Pin {
    std::string digest;
    std::string plugin;
  };

  Plan& plan_;
  const std::map<std::string, std::string> given_;
  std::map<std::string, std::string> labelled_;  // label -> the plugin that added it
  std::map<std::string, Pin> pinned_;            // source, in one spelling
  std::vector<std::string> notes_;
};

}  // namespace ktl
