#include "cli/render/words.h"

#include <fmt/format.h>

#include <array>

#include "cli/render/body.h"
#include "cli/render/sanitize.h"

namespace ktl::cli {
namespace {

std::string text(const Event& event, std::string_view key) {
  return one_line(text_in(event.body, key));
}

std::string message(const Event& event) {
  std::string level = text(event, "level");
  if (level == "debug") {
    return {};
  }
  std::string who = text(event, "plugin");
  std::string prefix = level == "info" ? "" : (level == "warn" ? "warning" : level) + ": ";
  return prefix + (who.empty() || level == "info" ? "" : "[" + who + "] ") + text(event, "text");
}

std::string finding(const Event& event) {
  std::string where = text(event, "location");
  std::string fix = text(event, "fix");
  return text(event, "severity") + ": " + text(event, "rule") + ": " + text(event, "message") +
         (where.empty() ? "" : " (" + where + ")") + (fix.empty() ? "" : "; " + fix);
}

std::string push(const Event& event) {
  if (!bool_in(event.body, "done")) {
    return {};
  }
  return fmt::format("pushed {} to {}: {}", text(event, "digest"), text(event, "name"),
                     bytes(int_in(event.body, "bytes")));
}

std::string warning(const Event& event) {
  const json::object* source = object_in(event.body, "source");
  std::string where;
  if (source != nullptr && !text_in(*source, "file").empty()) {
    where =
        fmt::format("{}:{}: ", one_line(text_in(*source, "file")), int_in(*source, "start_line"));
  }
  std::string url = text(event, "url");
  return "warning: " + where + text(event, "short") + (url.empty() ? "" : " (" + url + ")");
}

std::string lost(const Event& event) {
  return fmt::format("warning: the display was too slow for {} lines; the build is not affected",
                     int_in(event.body, "count"));
}

std::string lent(const Event& event) { return text(event, "notice"); }

struct Teller {
  std::string_view type;
  std::string (*tell)(const Event&);
};
constexpr std::array<Teller, 6> kTellers = {{{"message/1", message},
                                             {"finding/1", finding},
                                             {"push/1", push},
                                             {"warning/1", warning},
                                             {"events.lost/1", lost},
                                             {"terminal.lent/1", lent}}};

}  // namespace

std::string seconds(int64_t nanoseconds) {
  return fmt::format("{:.1f}s", static_cast<double>(nanoseconds < 0 ? 0 : nanoseconds) / 1e9);
}

std::string span(int64_t nanoseconds) {
  int64_t whole = nanoseconds / 1'000'000'000;
  if (whole < 100) {
    return seconds(nanoseconds);
  }
  return whole < 3600 ? fmt::format("{}m{:02}s", whole / 60, whole % 60)
                      : fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

std::string bytes(int64_t count) {
  constexpr std::array<std::string_view, 4> kUnits = {"kB", "MB", "GB", "TB"};
  if (count < 1000) {
    return fmt::format("{}B", count);
  }
  double value = static_cast<double>(count) / 1000;
  size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string sentence(const Event& event) {
  for (const Teller& teller : kTellers) {
    if (teller.type == event.type) {
      return teller.tell(event);
    }
  }
  return {};
}

}  // namespace ktl::cli
