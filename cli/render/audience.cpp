#include "cli/render/audience.h"

#include <algorithm>
#include <chrono>

namespace ktl::cli {
namespace {

constexpr std::chrono::seconds kLastWords(5);  // for a reader that is slow at the end

template <class Listener>
void subscribe(Bus& bus, const std::string& name, const std::shared_ptr<Listener>& listener) {
  bus.subscribe({.name = name, .sink = [listener](auto batch) {
                   for (const EventPtr& event : batch) {
                     listener->on_event(*event);
                   }
                 }});
}

}  // namespace

Audience::Audience(const std::string& mode, Looks looks, Console& console, Bus& bus)
    : mode_(mode),
      console_(console),
      bus_(bus),
      renderer_(make_renderer(mode, looks, console, system_clock())) {
  subscribe(bus, "display", renderer_);
  subscribe(bus, "report", report_);
}

void Audience::finish() {
  if (bus_.finish(kLastWords).empty()) {
    renderer_->finish();
  } else {
    console_.divert({});  // a terminal that takes nothing must not take the last words along
  }
}

void Audience::conclude() {
  if (mode_ == "rawjson") {
    return;
  }
  bool quiet = mode_ == "quiet";
  bool live = !quiet && mode_ != "plain" && console_.terminal();
  Detail detail{
      .log = quiet || live, .warnings = live, .receipts = !quiet && !console_.one_place()};
  console_.err(quiet ? "" : report_->summary(detail));
  console_.err(report_->failure(detail));
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
