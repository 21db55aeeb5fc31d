// The fields of a policy that bubblewrap has no word for.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "jail/jail.h"
#include "jail/machine.h"

namespace ktl::sandbox_bwrap {

// Gathers all that bubblewrap cannot honour of one policy, so that who changes it does so once.
class Refusals {
 public:
  // `place` is FILE:LINE:COLUMN of the policy, or who asked for it; `what` is a field or a phrase.
  void add(std::string place, std::string what);

  // OK when nothing was added; else kFailedPrecondition at the first place that names every one.
  [[nodiscard]] Status status() const;

 private:
  struct Row {
    std::string place;
    std::string what;
  };
  std::vector<Row> rows_;
};

// Adds each field that bubblewrap cannot honour as it is set; a field that has no effect, like one
// that says what bubblewrap does anyway, is honoured. `file` is the policy's, for places.
void check_fields(const jail::Jail& jail, const jail::Machine& machine, const std::string& file,
                  Refusals& refusals);

}  // namespace ktl::sandbox_bwrap
