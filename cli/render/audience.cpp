#include "cli/render/audience.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/render/failure.h"

namespace ktl::cli {
namespace {

constexpr std::chrono::seconds kLastWords(5);  // for a reader that is slow at the end

template <class Listener>
Subscription subscription(const std::string& name, const std::shared_ptr<Listener>& listener) {
  return {.name = name, .sink = [listener](auto batch) {
            for (const EventPtr& event : batch) {
              listener->on_event(*event);
            }
          }};
}

// The display, which stands still while the terminal is lent. What happens meanwhile waits in its
// queue.
Subscription display_of(const std::shared_ptr<Renderer>& renderer,
                        const std::shared_ptr<TerminalDesk>& terminal) {
  return {.name = "display", .sink = [renderer, terminal](auto batch) {
            for (const EventPtr& event : batch) {
              renderer->on_event(*event);
              if (terminal != nullptr && event->type == "terminal.lent/1") {
                renderer->hold(true);
                terminal->stand_still();
                renderer->hold(false);
              }
            }
          }};
}

// Where events wait for a slow disk.
std::filesystem::path waiting_room() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder;
}

}  // namespace

Audience::Audience(const std::string& mode, Looks looks, Console& console, Bus& bus,
                   std::shared_ptr<LogFile> log_file, const std::shared_ptr<TerminalDesk>& terminal)
    : mode_(mode),
      console_(console),
      bus_(bus),
      renderer_(make_renderer(mode, looks, console, system_clock())),
      log_file_(std::move(log_file)) {
  bus.subscribe(display_of(renderer_, terminal));
  bus.subscribe(subscription("report", report_));
  if (log_file_ != nullptr) {
    log_renderer_ = make_renderer("plain", {.colours = false}, *log_file_, system_clock());
    Subscription all = subscription("log file", log_renderer_);
    all.spill_folder = waiting_room();
    bus.subscribe(std::move(all));
  }
}

void Audience::finish() {
  std::vector<std::string> busy = bus_.finish(kLastWords);
  auto done = [&](const char* name) {
    return std::find(busy.begin(), busy.end(), name) == busy.end();
  };
  if (done("display")) {
    renderer_->finish();
  } else {
    console_.divert({});  // a terminal that takes nothing must not take the last words along
  }
  if (log_renderer_ != nullptr && done("log file")) {
    log_renderer_->finish();
  }
}

void Audience::conclude(const std::string& results) {
  if (log_file_ != nullptr) {
    log_file_->err(report_->summary({}) + report_->failure({}) + results);
  }
  bool quiet = mode_ == "quiet";
  bool live = !quiet && mode_ != "plain" && console_.terminal();
  Detail detail{.log = quiet || live,
                .warnings = live,
                .receipts = !quiet && !console_.one_place(),
                .columns = live ? console_.columns() : 0};
  if (mode_ != "rawjson") {
    console_.err(quiet ? "" : report_->summary(detail));
    console_.err(report_->failure(detail));
  }
  console_.out(results);
}

void Audience::fail(const Status& status) {
  for (Console* place : {static_cast<Console*>(log_file_.get()), &console_}) {
    if (place != nullptr) {
      place->err(failure_text(status));
    }
  }
}

Looks looks_of(const Environment& environment, bool no_colour) {
  std::string locale;
  for (const char* name : {"LANG", "LC_CTYPE", "LC_ALL"}) {
    std::string value = environment.text(name);
    locale = value.empty() ? locale : value;
  }
  std::transform(locale.begin(), locale.end(), locale.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  bool unicode =
      locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  return {.colours = !no_colour && environment.text("NO_COLOR").empty(), .unicode = unicode};
}

}  // namespace ktl::cli
