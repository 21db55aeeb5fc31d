#include "cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/suggest.h"

namespace ktl::cli {
namespace {

constexpr std::string_view kPrefix = "KTL_";
constexpr std::string_view kOtherPrefix = "TORQUE_";

// Names that are no flags: read by the program, its plugins, or said to the worker.
constexpr std::array<std::string_view, 7> kOtherNames = {
    "KTL_BUILDKITD",       "KTL_NSJAIL",         "KTL_RUNC",           "KTL_BUILDER_IDLE",
    "KTL_SANDBOX_DISABLE", "KTL_SANDBOX_ACTIVE", "KTL_SANDBOX_CONTEXT"};

// "KTL_X" for "TORQUE_X"; any other name as it is.
std::string own_name(const std::string& name) {
  return name.starts_with(kOtherPrefix) ? std::string(kPrefix) + name.substr(kOtherPrefix.size())
                                        : name;
}

}  // namespace

Status adopt_other_names() {
  for (std::string_view each : kOtherNames) {
    std::string own(each);
    std::string other = std::string(kOtherPrefix) + own.substr(kPrefix.size());
    const char* value = ::getenv(own.c_str());
    const char* other_value = ::getenv(other.c_str());
    if (other_value == nullptr || *other_value == '\0') {
      continue;
    }
    if (value != nullptr && *value != '\0' && std::string_view(value) != other_value) {
      return Status(Code::kInvalidArgument, own + " and " + other + " are both set and differ")
          .advise("they are two names of one setting: unset one of them");
    }
    ::setenv(own.c_str(), other_value, 1);
  }
  return {};
}

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
    if (is_in(known, own_name(name)) || is_in(used, name) ||
        !(name.starts_with(kPrefix) || name.starts_with(kOtherPrefix))) {
      continue;
    }
    std::string advice = did_you_mean(own_name(name), known);
    warnings.push_back("the environment sets " + name + ", which ktl does not know" +
                       (advice.empty() ? "" : ": " + advice));
  }
  return warnings;
}

}  // namespace ktl::cli
