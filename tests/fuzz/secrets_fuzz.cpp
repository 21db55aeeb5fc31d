// Rule files and streams: whatever is read ends, and cuts change nothing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "secrets/scanner.h"

namespace {

std::string scan(const ktl::secrets::Rules& rules, std::string_view text, size_t cut) {
  std::string found;
  ktl::secrets::Scanner scanner(rules,
                                [&](const ktl::secrets::Match& match) {
                                  found += match.rule->id + std::to_string(match.offset) + "+" +
                                           std::to_string(match.length) + ":" +
                                           std::to_string(match.line) + ";";
                                },
                                {.unpacked = 1U << 20U, .matches = 100});
  scanner.feed(text.substr(0, cut));
  scanner.feed(text.substr(cut));
  scanner.finish();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ktl::secrets::Rules kRules = *ktl::secrets::Rules::load();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ktl::secrets::Rules::load(text, "fuzz.yaml");
  if (scan(kRules, text, text.size() / 2) != scan(kRules, text, text.size())) {
    std::abort();
  }
  return 0;
}
