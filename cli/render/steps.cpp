#include "cli/render/steps.h"

#include "cli/render/body.h"

namespace ktl::cli {
bool is_users(const Step& step) {
  std::string_view name = step.name;
  size_t end = name.find("] ");
  return name.starts_with('[') && end != std::string_view::npos &&
         name.substr(0, end).find('/') != std::string_view::npos;
}

Step* Steps::find(std::string_view vertex) {
  auto found = by_vertex_.find(vertex);
  return found == by_vertex_.end() ? nullptr : found->second;
}

Step* Steps::of(const json::object& body) {
  std::string_view vertex = text_in(body, "vertex");
  Step* step = find(vertex);
  if (step == nullptr && !vertex.empty() && steps_.size() < kMostSteps) {
    steps_.emplace_back();
    step = &steps_.back();
    step->number = static_cast<int>(steps_.size());
    step->streams[0] = Lines(colours_);
    step->streams[1] = Lines(colours_);
    by_vertex_.emplace(vertex, step);
  }
  if (step != nullptr && !text_in(body, "name").empty()) {
    step->name = one_line(text_in(body, "name"));
  }
  return step;
}

Step* Steps::started(const json::object& body) {
  Step* step = of(body);
  if (step != nullptr) {
    step->started = true;
    step->completed = false;
    step->started_ns = int_in(body, "started_ns");
  }
  return step;
}

Step* Steps::completed(const json::object& body) {
  Step* step = of(body);
  if (step != nullptr) {
    step->completed = true;
    step->cached = bool_in(body, "cached");
    step->error = one_line(text_in(body, "error"));
    int64_t started = int_in(body, "started_ns");
    step->started_ns = started == 0 ? step->started_ns : started;
    step->completed_ns = int_in(body, "completed_ns");
  }
  return step;
}

void Steps::remember(Step& step, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    step.tail.push_back(line);
    if (step.tail.size() > kTailLines) {
      step.tail.pop_front();
    }
  }
}

std::vector<std::string> Steps::log(const json::object& body) {
  Step* step = of(body);
  if (step == nullptr) {
    return {};
  }
  Lines& stream = step->streams[int_in(body, "stream") == 2 ? 1 : 0];
  std::vector<std::string> lines = stream.feed(text_in(body, "text"));
  remember(*step, lines);
  return lines;
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
