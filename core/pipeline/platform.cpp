#include "core/pipeline/platform.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/suggest.h"

namespace ktl {
namespace {

const std::vector<std::string> kSystems = {"linux",   "windows", "darwin", "freebsd", "netbsd",
                                           "openbsd", "solaris", "wasip1", "js"};
const std::vector<std::string> kArchitectures = {
    "amd64", "arm64",   "arm",    "386",  "riscv64", "s390x",    "ppc64le",
    "ppc64", "loong64", "mips64", "mips", "mipsle",  "mips64le", "wasm"};

struct Alias {
  std::string_view written;
  std::string_view architecture;
  std::string_view variant;
};
constexpr std::array<Alias, 9> kAliases = {{{"x86_64", "amd64", ""},
                                            {"x86-64", "amd64", ""},
                                            {"aarch64", "arm64", ""},
                                            {"armhf", "arm", "v7"},
                                            {"armel", "arm", "v6"},
                                            {"armv7l", "arm", "v7"},
                                            {"armv6l", "arm", "v6"},
                                            {"i386", "386", ""},
                                            {"i686", "386", ""}}};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    size_t slash = text.find('/');
    parts.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(slash + 1);
  }
}

bool knows(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// Replaces what is only another word for an architecture.
void resolve_alias(std::string& architecture, std::string& variant) {
  for (const Alias& alias : kAliases) {
    if (architecture == alias.written) {
      architecture = alias.architecture;
      variant = variant.empty() ? alias.variant : variant;
    }
  }
  if (architecture == "arm" && variant.empty()) {
    variant = "v7";
  }
  bool usual = (architecture == "arm64" && (variant == "v8" || variant == "8")) ||
               (architecture == "amd64" && variant == "v1");
  variant = usual ? "" : variant;
}

bool good_variant(const std::string& variant) {
  return variant.size() <= 16 && std::ranges::all_of(variant, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
         });
}

Status unknown(std::string_view text, const char* what, const std::string& word,
               const std::vector<std::string>& known) {
  std::string advice = did_you_mean(word, known);
  return Status(Code::kInvalidArgument, "platform \"" + std::string(text) + "\": " + what + " \"" +
                                            word + "\" is not known")
      .advise(advice.empty() ? "write it as os/arch[/variant], e.g. linux/amd64" : advice);
}

void add_args(std::map<std::string, std::string, std::less<>>& args, const std::string& prefix,
              std::string_view platform) {
  auto parts = split(platform);
  parts.resize(3);
  args[prefix + "PLATFORM"] = platform;
  args[prefix + "OS"] = parts[0];
  args[prefix + "ARCH"] = parts[1];
  args[prefix + "VARIANT"] = parts[2];
}

}  // namespace

Result<std::string> normalise_platform(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  auto parts = split(lower);
  if (parts.size() > 3 || text.size() > 64) {
    return Status(Code::kInvalidArgument,
                  "platform \"" + std::string(text.substr(0, 64)) + "\" is not os/arch[/variant]");
  }
  if (parts.size() == 1) {
    parts = knows(kSystems, parts[0]) ? split(parts[0] + host_platform().substr(5))
                                      : std::vector<std::string>{"linux", parts[0]};
  }
  parts.resize(3);
  resolve_alias(parts[1], parts[2]);
  if (!knows(kSystems, parts[0])) {
    return unknown(text, "system", parts[0], kSystems);
  }
  if (!knows(kArchitectures, parts[1])) {
    return unknown(text, "architecture", parts[1], kArchitectures);
  }
  if (!good_variant(parts[2])) {
    return unknown(text, "variant", parts[2], {});
  }
  return parts[0] + "/" + parts[1] + (parts[2].empty() ? "" : "/" + parts[2]);
}

Result<std::vector<std::string>> normalise_platforms(const std::vector<std::string>& texts) {
  std::vector<std::string> platforms;
  for (const auto& text : texts) {
    KTL_ASSIGN(std::string platform, normalise_platform(text));
    if (!knows(platforms, platform)) {
      platforms.push_back(std::move(platform));
    }
  }
  return platforms;
}

std::string host_platform() {
  utsname names{};
  ::uname(&names);
  std::string architecture = names.machine;
  std::string variant;
  resolve_alias(architecture, variant);
  return "linux/" + architecture + (variant.empty() ? "" : "/" + variant);
}

std::map<std::string, std::string, std::less<>> platform_args(std::string_view build,
                                                              std::string_view target) {
  std::map<std::string, std::string, std::less<>> args;
  add_args(args, "BUILD", build);
  add_args(args, "TARGET", target);
  return args;
}

}  // namespace ktl
