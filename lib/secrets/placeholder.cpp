// value.h: what stands for a value.
#include <algorithm>
#include <array>
#include <string>

#include "secrets/value.h"

namespace ktl::secrets {
namespace {

// Compared with the value in lower case. A random value of 20 characters holds one of them by
// chance in less than one of a million.
constexpr std::array kStandIns = {
    "example",     "changeme", "change_me", "change-me", "placeholder", "redacted", "your_",
    "your-",       "yourto",   "yourpa",    "yourke",    "insert_",     "replace_", "replaceme",
    "dummy",       "xxxxx",    "*****",     "12345678",  "abcdefgh",    "deadbeef", "00000000",
    "0123456789a", "......",   "_here",     "-here",     "<your",       "sample",   "testtest"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

// ${A}, $(a), {{ a }}, <a>, %A%, [a]: filled in by another program.
bool is_reference(std::string_view value) {
  constexpr std::array<std::string_view, 9> kOpen = {"${", "$(", "{{", "<", "%(",
                                                     "%{", "#{", "@@", "[["};
  const bool opens = std::any_of(kOpen.begin(), kOpen.end(),
                                 [&](std::string_view open) { return value.starts_with(open); });
  return opens || (value.size() > 1 && value.front() == '%' && value.back() == '%') ||
         (value.size() > 1 && value.front() == '$' &&
          std::all_of(value.begin() + 1, value.end(), [](unsigned char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                   (c >= '0' && c <= '9');
          }));
}

}  // namespace

bool is_placeholder(std::string_view value) {
  if (is_reference(value)) {
    return true;
  }
  const std::string folded = lower(value);
  return std::any_of(kStandIns.begin(), kStandIns.end(), [&](const char* stand_in) {
    return folded.find(stand_in) != std::string::npos;
  });
}

}  // namespace ktl::secrets
