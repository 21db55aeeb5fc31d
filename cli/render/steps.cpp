#include "cli/render/steps.h"

#include "cli/render/body.h"

namespace ktl::cli {

bool Step::cancelled() const { return error.find("context canceled") != std::string::npos; }

Step* Steps::of(std::string_view vertex) {
  auto found = by_vertex_.find(vertex);
  if (found != by_vertex_.end()) {
    return found->second;
  }
  if (vertex.empty() || steps_.size() >= kMostSteps) {
    return nullptr;
  }
  Step& step = steps_.emplace_back();
  step.streams[0] = Lines(colours_);
  step.streams[1] = Lines(colours_);
  by_vertex_.emplace(vertex, &step);
  return &step;
}

Step* Steps::of(const Event& event) {
  Step* step = of(text_in(event.body, "vertex"));
  std::string_view name = text_in(event.body, "name");
  if (step != nullptr && step->name.empty() && !name.empty()) {
    step->name = one_line(name);
    step->place = parse_step_name(step->name);
  }
  return step;
}

Step* Steps::named(const std::string& name, int64_t now_ns) {
  Step* step = of("name:" + name);
  if (step != nullptr && !step->started) {
    step->name = name;
    step->started = true;
    step->started_ns = now_ns;
  }
  return step;
}

Step* Steps::queued(const Event& event) { return of(event); }

Step* Steps::started(const Event& event) {
  Step* step = of(event);
  if (step != nullptr) {
    step->started = true;
    step->completed = false;
    step->started_ns = int_in(event.body, "started_ns");
  }
  return step;
}

Step* Steps::completed(const Event& event) {
  Step* step = of(event);
  if (step != nullptr) {
    step->completed = true;
    step->cached = bool_in(event.body, "cached");
    step->error = one_line(text_in(event.body, "error"));
    int64_t started = int_in(event.body, "started_ns");
    step->started_ns = started == 0 ? step->started_ns : started;
    step->completed_ns = int_in(event.body, "completed_ns");
  }
  return step;
}

Step* Steps::progress(const Event& event) {
  auto found = by_vertex_.find(text_in(event.body, "vertex"));
  if (found == by_vertex_.end()) {
    return nullptr;
  }
  found->second->transfers.note(text_in(event.body, "id"), int_in(event.body, "current"),
                                int_in(event.body, "total"),
                                int_in(event.body, "completed_ns") != 0, event.time_ns);
  return found->second;
}

void Steps::remember(Step& step, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    step.tail.push_back(line);
    if (step.tail.size() > kTailLines) {
      step.tail.pop_front();
    }
  }
}

Step* Steps::log(const Event& event, std::vector<std::string>& lines) {
  Step* step = of(text_in(event.body, "vertex"));
  if (step != nullptr) {
    Lines& stream = step->streams[int_in(event.body, "stream") == 2 ? 1 : 0];
    lines = stream.feed(text_in(event.body, "text"));
    remember(*step, lines);
  }
  return step;
}

std::vector<std::string> Steps::flush(Step& step) {
  std::vector<std::string> lines = step.streams[0].flush();
  for (std::string& line : step.streams[1].flush()) {
    lines.push_back(std::move(line));
  }
  remember(step, lines);
  return lines;
}

}  // namespace ktl::cli
