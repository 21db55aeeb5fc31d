// What is known about the steps of one build, from its events.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/render/lines.h"
#include "cli/render/step_name.h"
#include "cli/render/transfers.h"
#include "core/events/event.h"

namespace ktl::cli {

struct Step {
  std::string name;  // one safe line: "[build 2/3] RUN make"
  StepName place;    // what the name says
  int number = 0;    // for whoever shows numbers; 0: none yet
  bool started = false;
  bool completed = false;
  bool cached = false;
  bool shown = false;  // for whoever shows each step once
  std::string error;
  int64_t started_ns = 0;
  int64_t completed_ns = 0;
  std::deque<std::string> tail;  // the last lines it wrote
  Lines streams[2];              // stdout and stderr
  Transfers transfers;

  [[nodiscard]] bool running() const { return started && !completed; }
  [[nodiscard]] bool cancelled() const;
  // A failure of its own.
  [[nodiscard]] bool failed() const { return !error.empty() && !cancelled(); }
  [[nodiscard]] int64_t duration_ns() const { return completed_ns - started_ns; }
};

// One thread at a time.
class Steps {
 public:
  explicit Steps(bool colours) : colours_(colours) {}

  // Each takes an event of its type; null for a body without a vertex, or when there are more than
  // kMostSteps.
  Step* queued(const Event& event);     // vertex.queued/1
  Step* started(const Event& event);    // vertex.started/1
  Step* completed(const Event& event);  // vertex.completed/1
  Step* progress(const Event& event);   // vertex.progress/1
  // Takes log/1; `lines` are those that are now whole, safe to show.
  Step* log(const Event& event, std::vector<std::string>& lines);
  // A step that no vertex stands for, known by `name` alone.
  Step* named(const std::string& name, int64_t now_ns);

  // The unfinished last lines of a step.
  std::vector<std::string> flush(Step& step);

  [[nodiscard]] const std::deque<Step>& all() const { return steps_; }
  std::deque<Step>& all() { return steps_; }

 private:
  Step* of(std::string_view vertex);
  Step* of(const Event& event);
  void remember(Step& step, const std::vector<std::string>& lines);

  bool colours_;
  std::deque<Step> steps_;  // addresses stay
  std::map<std::string, Step*, std::less<>> by_vertex_;
};

constexpr size_t kMostSteps = 10'000;
constexpr size_t kTailLines = 20;

}  // namespace ktl::cli
