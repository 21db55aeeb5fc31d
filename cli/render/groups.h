// Steps by stage of the Dockerfile and platform.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "cli/render/steps.h"

namespace ktl::cli {

// The steps of one stage for one platform, in the Dockerfile's order; or all the builder's own.
struct Group {
  std::string title;  // see StepName::title
  bool users = false;
  std::vector<Step*> steps;
  int announced = 0;  // as many steps as their names promise: 3 of "[2/3]"
};

// What a group comes to.
struct Tally {
  int steps = 0;  // known or announced
  int finished = 0;
  int cached = 0;
  int running = 0;
  int failed = 0;
  int64_t busy_ns = 0;  // of the finished steps, added up

  [[nodiscard]] int queued() const { return steps - finished - running; }
};
Tally tally(const Group& group);

// One thread at a time. Does not own the steps.
class Groups {
 public:
  // Notes a step whose name is known; nothing for one that is there already.
  void add(Step& step);
  // In the order in which they were first heard of; the builder's own steps are the first group.
  [[nodiscard]] const std::deque<Group>& all() const { return groups_; }

 private:
  std::deque<Group> groups_ = std::deque<Group>(1);  // addresses stay
  std::map<std::string, Group*> by_title_;
};

}  // namespace ktl::cli
