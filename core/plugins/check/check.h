// `ktl plugin check`: drives one plugin through the contract and says what it breaks.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// One line of the report. `rule` is empty unless it failed (docs/plugins.md lists them).
struct CheckLine {
  enum class Outcome { kPass, kFail, kSkip };
  std::string step;  // "create", "ktl.scan/1 scan: cancel"
  Outcome outcome = Outcome::kPass;
  std::string rule;
  std::string what;
};

struct CheckReport {
  std::string id;  // empty when the file says none
  std::vector<CheckLine> lines;
  [[nodiscard]] bool ok() const;
};

// What is to be checked. `config` is what ktl.yaml would say.
struct CheckSubject {
  std::string file;  // absolute
  json::value config = json::object();
};

// Each step runs in a process of its own with folders that are thrown away; verbs that would start,
// push or sign something are not tried. To be called while this process has one thread. A failure
// means that nothing could be checked; whatever is wrong with the plugin is in the report.
Result<CheckReport> check_plugin(const CheckSubject& subject);

}  // namespace ktl
