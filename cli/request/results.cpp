#include "cli/request/results.h"

#include <algorithm>
#include <array>

#include "cli/request/convert_entries.h"

namespace ktl::cli {
namespace {

// `single`: the value can be that of one result only. `key`: where a target says it itself.
struct OfOneResult {
  std::string_view option;
  std::string_view key;
  bool single = true;
};
constexpr std::array<OfOneResult, 12> kOptions = {{
    {"file", "file"},
    {"target", "target"},
    {"tag", "tags"},
    {"oci", "outputs"},
    {"output", "outputs"},
    {"iidfile", ""},
    {"metadata-file", ""},
    {"policy-report", ""},
    {"push", "", false},
    {"load", "", false},
    {"call", "", false},
    {"check", "", false},
}};

bool is_display(std::string_view word) { return word.empty() || is_display_mode(word); }

Status refuse(const std::string& name, std::string_view key) {
  return Status(Code::kInvalidArgument, name + " is for one result, and several targets are built")
      .advise(key.empty()
                  ? "build them one by one"
                  : "give each target its own " + std::string(key) +
                        " in ktl.yaml, or for this run: --set TARGET." + std::string(key) + "=...");
}

}  // namespace

bool is_of_one_result(std::string_view option) {
  return std::ranges::find(kOptions, option, &OfOneResult::option) != kOptions.end();
}

Status check_one_result(const FlagSet& flags, const Parsed& parsed,
                        const Environment& environment) {
  for (const OfOneResult& each : kOptions) {
    const Option* option = each.single ? flags.find(each.option) : nullptr;
    if (option == nullptr) {
      continue;
    }
    for (const Given& given : parsed.flags) {
      if (given.option == option && !(each.option == "output" && is_display(given.value))) {
        return refuse("--" + option->name, each.key);
      }
    }
    KTL_ASSIGN(FromEnvironment found, look_up(environment, *option));
    if (!found.value.empty() && !(each.option == "output" && is_display(found.value))) {
      return refuse(found.name, each.key);
    }
  }
  return {};
}

}  // namespace ktl::cli
