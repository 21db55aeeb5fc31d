// ktl lock: everything that the builder asked about, for who writes down what a build is made from.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "services/policy.h"

namespace ktl::solver {

// Thread rule: any thread.
class Recording {
 public:
  static constexpr size_t kMost = 10'000;  // sources, and requests

  // Called before it is judged.
  void note(const Asked& asked);
  // A request that the builder has in a step's list.
  void listed(const std::string& url);
  // "recording" of solved-1. `provenance` as in BuildHistory.
  [[nodiscard]] json::object document(const std::vector<std::string>& provenance) const;

 private:
  mutable std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> sources_;  // identifier and platform
  std::set<std::string> requests_;                         // asked for, and in no list so far
  bool whole_ = true;                                      // nothing was too much
};

// The recordings of two builds of one plan as one: adds `from` to `to`, which may be empty.
void merge_recordings(json::object& to, const json::object& from);

// Whether the plan's build is recorded.
bool records(const json::value& plan);

}  // namespace ktl::solver
