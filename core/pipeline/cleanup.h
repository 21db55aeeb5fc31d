// What has to be undone or released at the end of a build, whatever that end is.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace ktl {

// A stack: what was acquired last is released first. Thread rule: one thread.
class Cleanup {
 public:
  // `what` says it to people ("close the build"), `action` must be harmless when there is nothing
  // left to do.
  void push(std::string what, std::function<Status()> action) {
    actions_.push_back({std::move(what), std::move(action)});
  }

  // Runs everything once, also after one of them failed; returns the failures in the order they
  // happened, each as "<what>: <why>".
  std::vector<Status> run();

 private:
  struct Action {
    std::string what;
    std::function<Status()> action;
  };
  std::vector<Action> actions_;
};

}  // namespace ktl
