// What is known about the steps of one build, from its events.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/render/lines.h"

namespace ktl::cli {

struct Step {
  int number = 0;    // 1 for the first step seen
  std::string name;  // one safe line: "[build 2/3] RUN make"
  bool started = false;
  bool completed = false;
  bool cached = false;
  std::string error;
  int64_t started_ns = 0;
  int64_t completed_ns = 0;
  std::deque<std::string> tail;  // the last lines it wrote
  Lines streams[2];              // stdout and stderr
};

// A step that the user wrote ("[2/3] RUN make"), not one the builder added ("[internal] ...").
bool is_users(const Step& step);

// One thread at a time. Steps are numbered in the order in which they are first heard of, so that
// the same build shows the same numbers as long as its steps start in the same order.
class Steps {
 public:
  explicit Steps(bool colours) : colours_(colours) {}

  // Takes vertex.started/1 and vertex.completed/1; null for a body without a vertex, or when there
  // are more than kMostSteps.
  Step* started(const json::object& body);
  Step* completed(const json::object& body);
  // Takes log/1 and returns the lines that are now whole, safe to show.
  std::vector<std::string> log(const json::object& body);
  // The unfinished last lines of a step.
  std::vector<std::string> flush(Step& step);

  Step* find(std::string_view vertex);
  [[nodiscard]] const std::deque<Step>& all() const { return steps_; }
  std::deque<Step>& all() { return steps_; }

 private:
  Step* of(const json::object& body);
  void remember(Step& step, const std::vector<std::string>& lines);

  bool colours_;
  std::deque<Step> steps_;  // addresses stay
  std::map<std::string, Step*, std::less<>> by_vertex_;
};

constexpr size_t kMostSteps = 10'000;
constexpr size_t kTailLines = 20;

}  // namespace ktl::cli
