#include "cli/render/groups.h"

#include <algorithm>

namespace ktl::cli {

Tally tally(const Group& group) {
  Tally sum;
  for (const Step* step : group.steps) {
    sum.finished += step->completed ? 1 : 0;
    sum.cached += step->completed && step->cached ? 1 : 0;
    sum.running += step->running() ? 1 : 0;
    sum.failed += step->failed() ? 1 : 0;
    sum.busy_ns += step->completed && !step->cached ? step->duration_ns() : 0;
  }
  sum.steps = std::max(static_cast<int>(group.steps.size()), group.announced);
  return sum;
}

void Groups::add(Step& step) {
  Group* group = &groups_.front();
  if (step.place.users) {
    auto [found, fresh] = by_title_.try_emplace(step.place.title(), nullptr);
    if (fresh) {
      groups_.push_back({.title = found->first, .users = true});
      found->second = &groups_.back();
    }
    group = found->second;
  }
  auto& steps = group->steps;
  if (std::find(steps.rbegin(), steps.rend(), &step) != steps.rend()) {
    return;
  }
  auto later = [&](const Step* other) { return other->place.index > step.place.index; };
  steps.insert(std::find_if(steps.begin(), steps.end(), later), &step);
  // Not more than a Dockerfile can have: the name is what a daemon says.
  group->announced = std::min(std::max(group->announced, step.place.count), 10'000);
}

}  // namespace ktl::cli
