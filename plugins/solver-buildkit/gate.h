// Holds back the commit of what would make a result whole, until ktl has decided.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/status.h"

namespace ktl::solver {

// A manifest or index that the builder wants to commit. The bytes are hashed by the store later;
// `digest` is what the builder says they have.
struct Root {
  std::string media_type;
  std::string digest;
  std::string bytes;
};

// Which commits wait: every index, and every manifest unless the result is known to be an index
// (then a manifest is only a part). Thread rule: any thread.
class Gate {
 public:
  // `opened` is called when a root begins to wait; it must not block.
  Gate(bool result_is_index, std::function<void()> opened);

  // For the thread that would commit `root`: returns once it may. kPermissionDenied with the
  // reason: it may not; kCancelled: the build is over.
  Status pass(const Root& root);

  // The root that waits, if one does.
  [[nodiscard]] std::optional<Root> waiting() const;

  // Answers it; kFailedPrecondition when none waits.
  Status resume(bool allow, const std::string& reason);

  // Refuses what waits and everything to come.
  void abort();

  // The builder may finish only with a root that was let through here.
  [[nodiscard]] bool allowed(const std::string& digest) const;
  // Why the last root was refused; empty when none was.
  [[nodiscard]] std::optional<std::string> refusal() const;

 private:
  [[nodiscard]] bool guards(const Root& root) const;

  const bool result_is_index_;
  const std::function<void()> opened_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Root> waiting_;
  std::optional<bool> answer_;
  std::optional<std::string> refusal_;
  std::set<std::string> allowed_;
  bool aborted_ = false;
};

}  // namespace ktl::solver
