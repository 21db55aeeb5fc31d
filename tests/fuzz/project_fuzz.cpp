// A project file that nobody trusts, and a --set: the first line, when it begins with "=".
#include <cstdlib>

#include "core/project/project.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ktl::ProjectReading reading{.file = "/p/ktl.yaml", .untrusted = {}, .overrides = {}};
  if (text.starts_with('=')) {
    std::string_view line = text.substr(1, text.find('\n') - 1);
    reading.overrides.push_back({std::string(line), "/d"});
    text.remove_prefix(std::min(text.size(), line.size() + 2));
  }
  auto trusted = ktl::parse_project(text, reading);
  reading.untrusted = ktl::Status(ktl::Code::kPermissionDenied, "nobody has trusted this file");
  auto untrusted = ktl::parse_project(text, reading);
  // What is refused of a trusted file is refused of every other one.
  bool plugins = untrusted.ok() && (!untrusted->plugins.empty() || !untrusted->builders.empty());
  if (plugins || (untrusted.ok() && !trusted.ok())) {
    std::abort();
  }
  if (trusted.ok()) {
    ktl::build_order(trusted->targets, trusted->default_targets);
    for (const ktl::Profile& profile : trusted->profiles) {
      auto ignored = ktl::profile_settings(profile.name, "flag", {&trusted->profiles});
    }
  }
  return 0;
}
