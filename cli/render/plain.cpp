#include "cli/render/plain.h"

#include <fmt/format.h>

#include "cli/render/body.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr size_t kMostWarnings = 1000;  // after these, repetitions are not noticed

}  // namespace

std::string outcome_of(const Step& step) {
  if (step.cancelled()) {
    return "CANCELED";
  }
  if (step.failed()) {
    return "ERROR: " + step.error;
  }
  if (step.cached) {
    return "CACHED";
  }
  return step.place.users ? "DONE " + span(step.duration_ns()) : "";
}

void Plain::on_event(const Event& event) {
  if (event.type == "vertex.queued/1") {
    steps_.queued(event);
  } else if (event.type == "vertex.started/1") {
    started(event);
  } else if (event.type == "vertex.completed/1") {
    completed(event);
  } else if (event.type == "log/1") {
    log(event);
  } else if (event.type == "vertex.progress/1") {
    progress(event);
  } else if (event.type == "warning/1") {
    warning(event);
  } else if (std::string line = sentence(event); !line.empty()) {
    console_.err(line + "\n");
  }
}

void Plain::announce(Step& step) {
  if (step.number == 0) {
    step.number = ++announced_;
    console_.err(fmt::format("#{} {}\n", step.number, step.name));
  }
}

void Plain::print(Step& step, const std::vector<std::string>& lines) {
  if (lines.empty()) {
    return;
  }
  announce(step);
  std::string text;
  for (const std::string& line : lines) {
    text += fmt::format("#{} | {}\n", step.number, line);
  }
  console_.err(text);
}

void Plain::started(const Event& event) {
  if (Step* step = steps_.started(event)) {
    announce(*step);
  }
}

void Plain::completed(const Event& event) {
  if (Step* step = steps_.completed(event)) {
    announce(*step);
    print(*step, steps_.flush(*step));
    std::string outcome = outcome_of(*step);
    console_.err(outcome.empty() ? "" : fmt::format("#{} {}\n", step->number, outcome));
  }
}

void Plain::log(const Event& event) {
  std::vector<std::string> lines;
  if (Step* step = steps_.log(event, lines)) {
    print(*step, lines);
  }
}

// Pulls and transfers, once each is complete.
void Plain::progress(const Event& event) {
  Step* step = steps_.progress(event);
  if (step == nullptr || int_in(event.body, "completed_ns") == 0) {
    return;
  }
  announce(*step);
  int64_t size = int_in(event.body, "current");
  console_.err(fmt::format("#{} {}{} done\n", step->number, one_line(text_in(event.body, "id")),
                           size > 0 ? " " + bytes(size) : ""));
}

void Plain::warning(const Event& event) {
  std::string line = sentence(event);
  bool again = said_.size() < kMostWarnings ? !said_.insert(line).second : said_.contains(line);
  if (!again) {
    console_.err(line + "\n");
  }
}

void Plain::finish() {
  for (Step& step : steps_.all()) {
    print(step, steps_.flush(step));
  }
}

}  // namespace ktl::cli
