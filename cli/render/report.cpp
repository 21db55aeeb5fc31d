#include "cli/render/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/body.h"
#include "cli/render/failure.h"
#include "cli/render/sanitize.h"
#include "cli/render/width.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr std::string_view kNotFenced = "RUN steps are not fenced";
constexpr size_t kMostWarnings = 1000;
constexpr size_t kMostStages = 8;  // in the summary
constexpr size_t kMostLongest = 3;
constexpr int64_t kLeastLong = 100'000'000;  // a shorter step is not worth a word

std::vector<const Step*> longest(const Steps& steps) {
  std::vector<const Step*> found;
  for (const Step& step : steps.all()) {
    bool ran = step.place.users && step.completed && !step.cached;
    if (ran && step.duration_ns() >= kLeastLong) {
      found.push_back(&step);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Step* a, const Step* b) {
    return a->duration_ns() > b->duration_ns();
  });
  found.resize(std::min(found.size(), kMostLongest));
  return found;
}

}  // namespace

void Report::on_event(const Event& event) {
  if (event.type.starts_with("vertex.") || event.type == "log/1") {
    note_step(event);
  } else if (event.type == "receipt/1") {
    take_receipt(event);
  } else if (event.type == "message/1") {
    take_message(event);
  } else if (event.type == "warning/1") {
    take_warning(event);
  } else if (event.type == "builder.connected/1" && !bool_in(event.body, "steps_fenced")) {
    fence_note_ = one_line(text_in(event.body, "note"));
  } else if (event.type == "build.failed/1") {
    failed_ = event.body;
  } else if (event.type == "build.completed/1") {
    completed_ = true;
    duration_ns_ = int_in(event.body, "duration_ns");
  }
}

void Report::note_step(const Event& event) {
  Step* step = nullptr;
  if (event.type == "vertex.started/1") {
    step = steps_.started(event);
  } else if (event.type == "vertex.completed/1") {
    step = steps_.completed(event);
    if (step != nullptr && step->error.empty()) {
      logs_.drop(text_in(event.body, "vertex"));
    }
  } else if (event.type == "log/1") {
    logs_.add(text_in(event.body, "vertex"), text_in(event.body, "text"));
  }
  if (step != nullptr) {
    groups_.add(*step);
  }
}

// A message that already said it shows up in the progress; it is not said twice.
void Report::take_message(const Event& event) {
  fence_said_ =
      fence_said_ || text_in(event.body, "text").find(kNotFenced) != std::string_view::npos;
}

void Report::take_receipt(const Event& event) {
  auto text = [&](std::string_view key) { return one_line(text_in(event.body, key)); };
  receipts_.push_back({text("kind"), text("digest"), text("name"), text("path")});
}

void Report::take_warning(const Event& event) {
  std::string line = sentence(event);
  if (warnings_.size() < kMostWarnings && warned_.insert(line).second) {
    warnings_.push_back(line);
  }
}

std::string Report::results() const {
  std::string out;
  for (const Receipt& receipt : receipts_) {
    out += fmt::format("{} {} {}{}\n", receipt.kind, receipt.digest, receipt.name,
                       receipt.path.empty() ? "" : " " + receipt.path);
  }
  return out;
}

// "Done in 12.3s: 4 of 9 steps cached".
std::string Report::done() const {
  Tally sum;
  for (const Group& group : groups_.all()) {
    Tally each = group.users ? tally(group) : Tally();
    sum.finished += each.finished;
    sum.cached += each.cached;
  }
  bool ran = sum.cached < sum.finished;
  return fmt::format("Done{}: {} of {} steps cached\n", ran ? " in " + span(duration_ns_) : "",
                     sum.cached, sum.finished);
}

std::string Report::times(size_t columns) const {
  std::string stages;
  size_t count = 0;
  for (const Group& group : groups_.all()) {
    int64_t busy = group.users ? tally(group).busy_ns : 0;
    if (busy > 0 && !group.title.empty() && ++count <= kMostStages) {
      stages += fmt::format("{}{} {}", stages.empty() ? "" : ", ", group.title, span(busy));
    }
  }
  std::string out = stages.empty() ? "" : "- stages: " + stages;
  out += count > kMostStages ? fmt::format(", and {} more", count - kMostStages) : "";
  out += out.empty() ? "" : "\n";
  for (const Step* step : longest(steps_)) {
    std::string line = "- longest: " + span(step->duration_ns()) + " " + short_digests(step->name);
    out += (columns == 0 ? line : fit(line, columns - 1)) + "\n";
  }
  return out;
}

std::string Report::summary(const Detail& detail) const {
  std::string out;
  if (detail.warnings) {
    for (const std::string& line : warnings_) {
      out += line + "\n";
    }
  }
  if (!fence_note_.empty() && !fence_said_) {
    out += "warning: " + fence_note_ + "\n";
  }
  if (!completed_ || failed_.has_value()) {
    return out;
  }
  out += done();
  for (const Receipt& receipt : receipts_) {
    std::string where = receipt.path.empty() ? "" : ": " + receipt.path;
    out += !detail.receipts
               ? ""
               : fmt::format("- {} {} ({}{})\n", receipt.name, receipt.digest, receipt.kind, where);
  }
  return out + times(detail.columns);
}

std::string Report::failure(const Detail& detail) const {
  if (!failed_.has_value()) {
    return {};
  }
  const json::object* error = object_in(*failed_, "error");
  std::vector<std::string> log;
  if (detail.log && error != nullptr) {
    log = logs_.lines_of(text_in(*error, "vertex"));
  }
  return failure_text(*failed_, log);
}

}  // namespace ktl::cli
