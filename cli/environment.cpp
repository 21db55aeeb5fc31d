#include "cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"

namespace ktl::cli {
namespace {

constexpr std::string_view kPrefix = "KTL_";
constexpr std::string_view kOtherPrefix = "TORQUE_";

// Names that are no flags: read by the program, its plugins, or said to the worker.
constexpr std::array<std::string_view, 6> kOtherNames = {
    "KTL_BUILDKITD",       "KTL_RUNC",           "KTL_BUILDER_IDLE",
    "KTL_SANDBOX_DISABLE", "KTL_SANDBOX_ACTIVE", "KTL_SANDBOX_CONTEXT"};

}  // namespace

Environment Environment::of_process() {
  Variables values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view pair(*entry);
    size_t equals = pair.find('=');
    if (equals != std::string_view::npos) {
      values.emplace(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
  return Environment(std::move(values));
}

const std::string* Environment::get(const std::string& name) const {
  auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Environment::text(const std::string& name) const {
  const std::string* value = get(name);
  return value == nullptr ? std::string() : *value;
}

std::string variable_of(const Option& option) {
  std::string name(kPrefix);
  for (char c : option.name) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return name;
}

Result<FromEnvironment> look_up(const Environment& environment, const Option& option) {
  std::string name = variable_of(option);
  std::string other = std::string(kOtherPrefix) + name.substr(kPrefix.size());
  std::string value = environment.text(name);
  std::string other_value = environment.text(other);
  if (!value.empty() && !other_value.empty() && value != other_value) {
    return Status(Code::kInvalidArgument, name + " and " + other + " are both set and differ")
        .advise("they are two names of one setting: unset one of them");
  }
  return value.empty() ? FromEnvironment{other, other_value} : FromEnvironment{name, value};
}

std::vector<std::string> unknown_variables(const Environment& environment,
                                           const std::vector<Option>& options,
                                           const std::vector<std::string>& used) {
  std::vector<std::string> known(kOtherNames.begin(), kOtherNames.end());
  for (const Option& option : options) {
    known.push_back(variable_of(option));
  }
  auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment.all()) {
    if (!name.starts_with(kPrefix) || is_in(known, name) || is_in(used, name)) {
      continue;
    }
    std::string advice = did_you_mean(name, known);
    warnings.push_back("the environment sets " + name + ", which ktl does not know" +
                       (advice.empty() ? "" : ": " + advice));
  }
  return warnings;
}

}  // namespace ktl::cli
