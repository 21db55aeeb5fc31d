// What the solver's verbs speak with: one build, on one daemon or on several.
#pragma once

#include <functional>
#include <string>

#include "base/json.h"
#include "base/status.h"
#include "progress.h"

namespace ktl::solver {

// Where a turn's events go and what ends it early.
struct TurnContext {
  std::function<void(const Event&)> emit;
  int cancel_fd = -1;  // readable: stop; borrowed
};

// Thread rule: one thread; the destructor cancels what still runs.
class Solving {
 public:
  Solving() = default;
  virtual ~Solving() = default;
  Solving(const Solving&) = delete;
  Solving& operator=(const Solving&) = delete;

  // kUnavailable: the builder takes no session.
  virtual Status start() = 0;
  // Names the build.
  [[nodiscard]] virtual const std::string& ref() const = 0;

  // The next ktl.turn/1. kUnavailable: the builder went away; kCancelled: `cancel_fd` said so and
  // the builder was told; kFailedPrecondition: the builder finished with another root than it
  // showed.
  virtual Result<json::object> next(const TurnContext& context) = 0;
  virtual Status resume(bool allow, const std::string& reason) = 0;
};

}  // namespace ktl::solver
