#include "cli/render/report.h"

#include <fmt/format.h>

#include "cli/render/body.h"
#include "cli/render/failure.h"
#include "cli/render/sanitize.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr std::string_view kNotFenced = "RUN steps are not fenced";

}  // namespace

void Report::on_event(const Event& event) {
  if (event.type == "vertex.started/1") {
    steps_.started(event.body);
  } else if (event.type == "vertex.completed/1") {
    steps_.completed(event.body);
  } else if (event.type == "receipt/1") {
    take_receipt(event);
  } else if (event.type == "message/1") {
    take_message(event);
  } else if (event.type == "builder.connected/1" && !bool_in(event.body, "steps_fenced")) {
    fence_note_ = one_line(text_in(event.body, "note"));
  } else if (event.type == "build.failed/1") {
    failure_ = failure_text(event.body);
  } else if (event.type == "build.completed/1") {
    completed_ = true;
    duration_ns_ = int_in(event.body, "duration_ns");
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

std::string Report::results() const {
  std::string out;
  for (const Receipt& receipt : receipts_) {
    out += fmt::format("{} {} {}{}\n", receipt.kind, receipt.digest, receipt.name,
                       receipt.path.empty() ? "" : " " + receipt.path);
  }
  return out;
}

std::string Report::summary() const {
  int cached = 0;
  int ran = 0;
  for (const Step& step : steps_.all()) {
    if (is_users(step) && step.completed && step.error.empty()) {
      (step.cached ? cached : ran) += 1;
    }
  }
  std::string out;
  if (!fence_note_.empty() && !fence_said_) {
    out += "warning: " + fence_note_ + "\n";
  }
  if (completed_ && failure_.empty()) {
    out += fmt::format("Done in {}: {} steps, {} cached, {} run\n", seconds(duration_ns_),
                       cached + ran, cached, ran);
  }
  return out;
}

}  // namespace ktl::cli
