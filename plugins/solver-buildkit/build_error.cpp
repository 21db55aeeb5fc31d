#include "build_error.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "base/base64.h"
#include "error_details.h"
#include "rpc_status.pb.h"

namespace ktl::solver {
namespace {

constexpr size_t kMaxDetailBytes = 4U << 20U;
constexpr size_t kMaxSourceLines = 26;
constexpr int64_t kLinesAround = 3;  // shown before and after those to blame
constexpr std::string_view kPrefix = "failed to solve: ";

// What the details say.
struct Facts {
  std::string vertex;
  int64_t exit_code = 0;
  json::value source;
};

json::array lines_of(std::string_view text, int64_t first, int64_t last) {
  json::array lines;
  for (int64_t number = 1; !text.empty() && number <= last; ++number) {
    const size_t end = text.find('\n');
    if (number >= first && lines.size() < kMaxSourceLines) {
      std::string_view line = text.substr(0, end);
      line.remove_suffix(!line.empty() && line.back() == '\r' ? 1 : 0);
      lines.emplace_back(valid_utf8(line));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// errdefs.Source: {"info": {"filename", "data"}, "ranges": [{"start": {"line"}, "end": {...}}]}.
json::value source_of(const json::value& detail) {
  const json::value* info = field_of(detail, "info");
  const json::value* ranges = field_of(detail, "ranges");
  if (info == nullptr || ranges == nullptr || !ranges->is_array() || ranges->as_array().empty()) {
    return nullptr;
  }
  int64_t first = INT64_MAX;
  int64_t last = 0;
  for (const json::value& range : ranges->as_array()) {
    const json::value* start = field_of(range, "start");
    const json::value* end = field_of(range, "end");
    if (start != nullptr && end != nullptr) {
      first = std::min(first, int_of(*start, "line"));
      last = std::max(last, int_of(*end, "line"));
    }
  }
  Result<std::string> text = base64_decode(text_of(*info, "data"));
  if (last == 0 || !text.ok()) {
    return nullptr;
  }
  return source_excerpt(text_of(*info, "filename"), *text, first, last);
}

Facts facts_of(const std::string& details) {
  Facts facts;
  for (const auto& [type, value] : error_details(details)) {
    if (type.ends_with("/errdefs.Vertex+json") && facts.vertex.empty()) {
      facts.vertex = text_of(value, "digest");
    } else if (type.ends_with("/gatewayapi.ExitMessage+json")) {
      facts.exit_code = int_of(value, "Code");
    } else if (type.ends_with("/errdefs.Source+json") && facts.source.is_null()) {
      facts.source = source_of(value);
    }
  }
  return facts;
}

bool lacks_emulator(std::string_view message, const std::vector<std::string>& tail) {
  constexpr std::string_view kWords = "exec format error";
  return message.find(kWords) != std::string_view::npos ||
         std::any_of(tail.begin(), tail.end(), [&](const std::string& line) {
           return line.find(kWords) != std::string::npos;
         });
}

// The step's platform: builds of several may begin the step's name with it ("[linux/arm64 2/3]").
std::string platform_of(const std::string& step, const std::vector<std::string>& foreign) {
  for (const std::string& platform : foreign) {
    if (step.starts_with("[" + platform + " ") || step.starts_with("[" + platform + "->")) {
      return platform;
    }
  }
  return foreign.empty() ? "its platform" : fmt::format("{}", fmt::join(foreign, " or "));
}

}  // namespace

json::value source_excerpt(std::string_view file, std::string_view text, int64_t first,
                           int64_t last) {
  first = std::clamp<int64_t>(first, 0, INT32_MAX);
  last = std::clamp<int64_t>(last, 0, INT32_MAX);
  const int64_t shown = std::max<int64_t>(first - kLinesAround, 1);
  return {{"file", valid_utf8(file)},
          {"start_line", first},
          {"end_line", last},
          {"first_line", shown},
          {"lines", lines_of(text, shown, last + kLinesAround)}};
}

std::optional<Status> status_in(const std::string& details) {
  google::rpc::Status status;
  if (details.empty() || details.size() > kMaxDetailBytes || !status.ParseFromString(details) ||
      status.code() == 0) {
    return std::nullopt;
  }
  return Status(static_cast<Code>(status.code()), status.message());
}

json::object build_error(const Failure& failure, const ProgressLog& log,
                         const std::vector<std::string>& foreign) {
  Facts facts = facts_of(failure.details);
  const std::string vertex = facts.vertex.empty() ? log.failed_vertex() : facts.vertex;
  const std::string step = log.name_of(vertex);
  const std::vector<std::string> tail = log.tail_of(vertex);
  std::string_view message = failure.status.message();
  message.remove_prefix(message.starts_with(kPrefix) ? kPrefix.size() : 0);
  std::string text = valid_utf8(message);
  std::string next;
  if (lacks_emulator(message, tail)) {
    const std::string platform = platform_of(step, foreign);
    text =
        "step " + step + " needs an emulator: the builder cannot execute programs for " + platform;
    next = "install an emulator for " + platform +
           " on the builder's machine (qemu-user-static with binfmt_misc), or cross-compile in a "
           "stage FROM --platform=$BUILDPLATFORM";
  }
  json::object error{{"schema", "ktl.build-error/1"},
                     {"message", text.empty() ? "the build failed without a reason" : text},
                     {"step", step},
                     {"vertex", vertex},
                     {"exit_code", facts.exit_code},
                     {"log_tail", json::array(tail.begin(), tail.end())},
                     {"next", next}};
  if (!facts.source.is_null()) {
    error["source"] = std::move(facts.source);
  }
  return error;
}

}  // namespace ktl::solver
