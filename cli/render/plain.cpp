#include "cli/render/plain.h"

#include <fmt/format.h>

#include "cli/render/body.h"
#include "cli/render/words.h"

namespace ktl::cli {

std::string outcome_of(const Step& step) {
  if (step.error.find("context canceled") != std::string::npos) {
    return "CANCELED";
  }
  if (!step.error.empty()) {
    return "ERROR: " + step.error;
  }
  return step.cached ? "CACHED" : "DONE " + seconds(step.completed_ns - step.started_ns);
}

void Plain::on_event(const Event& event) {
  if (event.type == "vertex.started/1") {
    started(event);
  } else if (event.type == "vertex.completed/1") {
    completed(event);
  } else if (event.type == "log/1") {
    log(event);
  } else if (event.type == "vertex.progress/1") {
    progress(event);
  } else if (std::string line = sentence(event); !line.empty()) {
    console_.err(line + "\n");
  }
}

void Plain::announce(const Step& step) {
  if (step.number > announced_) {
    announced_ = step.number;
    console_.err(fmt::format("#{} {}\n", step.number, step.name));
  }
}

void Plain::print(const Step& step, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += fmt::format("#{} | {}\n", step.number, line);
  }
  if (!text.empty()) {
    announce(step);
    console_.err(text);
  }
}

void Plain::started(const Event& event) {
  if (const Step* step = steps_.started(event.body)) {
    announce(*step);
  }
}

void Plain::completed(const Event& event) {
  if (Step* step = steps_.completed(event.body)) {
    announce(*step);
    print(*step, steps_.flush(*step));
    console_.err(fmt::format("#{} {}\n", step->number, outcome_of(*step)));
  }
}

void Plain::log(const Event& event) {
  std::vector<std::string> lines = steps_.log(event.body);
  if (const Step* step = steps_.find(text_in(event.body, "vertex"))) {
    print(*step, lines);
  }
}

// Pulls and transfers, once each is complete.
void Plain::progress(const Event& event) {
  const Step* step = steps_.find(text_in(event.body, "vertex"));
  if (step == nullptr || int_in(event.body, "completed_ns") == 0) {
    return;
  }
  announce(*step);
  int64_t size = int_in(event.body, "current");
  console_.err(fmt::format("#{} {}{} done\n", step->number, one_line(text_in(event.body, "id")),
                           size > 0 ? " " + bytes(size) : ""));
}

void Plain::finish() {
  for (Step& step : steps_.all()) {
    print(step, steps_.flush(step));
  }
}

}  // namespace ktl::cli
