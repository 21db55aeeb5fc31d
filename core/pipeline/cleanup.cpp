#include "core/pipeline/cleanup.h"

namespace ktl {

std::vector<Status> Cleanup::run() {
  std::vector<Status> failures;
  while (!actions_.empty()) {
    Action last = std::move(actions_.back());
    actions_.pop_back();
    if (Status status = last.action(); !status.ok()) {
      failures.push_back(std::move(status).in(last.what));
    }
  }
  return failures;
}

}  // namespace ktl
