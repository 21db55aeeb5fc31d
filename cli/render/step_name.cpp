#include "cli/render/step_name.h"

#include <algorithm>
#include <charconv>

namespace ktl::cli {
namespace {

constexpr std::string_view kDigest = "sha256:";
constexpr size_t kDigits = 64;
constexpr size_t kShownDigits = 12;

bool whole_number(std::string_view text, int& number) {
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end && number >= 0;
}

// "2/3".
bool parse_place(std::string_view text, StepName& into) {
  size_t slash = text.find('/');
  return slash != std::string_view::npos && whole_number(text.substr(0, slash), into.index) &&
         whole_number(text.substr(slash + 1), into.count);
}

}  // namespace

std::string StepName::title() const {
  return stage + (stage.empty() || platform.empty() ? "" : " ") + platform;
}

StepName parse_step_name(std::string_view name) {
  StepName parsed;
  size_t end = name.find("] ");
  if (!name.starts_with('[') || end == std::string_view::npos) {
    return parsed;
  }
  std::string_view inside = name.substr(1, end - 1);
  size_t space = inside.rfind(' ');
  size_t place = space == std::string_view::npos ? 0 : space + 1;
  if (!parse_place(inside.substr(place), parsed)) {
    return {};
  }
  parsed.users = true;
  std::string_view where = inside.substr(0, place);
  where.remove_suffix(where.size() - 1 - where.find_last_not_of(' '));  // "[build  2/13]"
  std::string_view first = where.substr(0, where.find(' '));
  if (first.find('/') != std::string_view::npos) {  // stages have no slash in their names
    parsed.platform = first;
    where.remove_prefix(std::min(first.size() + 1, where.size()));
  }
  parsed.stage = where;
  return parsed;
}

std::string short_digests(std::string_view name) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    size_t found = std::min(name.find(kDigest, at), name.size());
    size_t digits = std::min(found + kDigest.size(), name.size());
    size_t end = std::min(name.find_first_not_of("0123456789abcdef", digits), name.size());
    bool whole = found < name.size() && end - digits == kDigits;
    size_t keep = whole ? digits + kShownDigits : std::max(end, digits);
    out += name.substr(at, keep - at);
    at = std::max(end, digits);
  }
  return out;
}

}  // namespace ktl::cli
