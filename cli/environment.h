// The process environment as a value, so that tests bring their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/options/option.h"

namespace ktl::cli {

using Variables = std::map<std::string, std::string>;

// Not changed after it was made; may be read from any thread.
class Environment {
 public:
  explicit Environment(Variables values) : values_(std::move(values)) {}
  // Of the running process.
  static Environment of_process();

  // Null when unset.
  [[nodiscard]] const std::string* get(const std::string& name) const;
  // An unset and an empty variable are the same: no value.
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] const Variables& all() const { return values_; }

 private:
  Variables values_;
};

// Gives variables that are no flags and were set as TORQUE_X the name KTL_X, under which plugins
// read them. Both set and different is kInvalidArgument. To be called before any thread is made.
Status adopt_other_names();

// "KTL_BUILD_ARG" for --build-arg.
std::string variable_of(const Option& option);

// What the environment says about `option` and under which name: KTL_<FLAG>, or TORQUE_<FLAG>,
// which is another name of the same. Both set and different is kInvalidArgument. Empty: not set.
struct FromEnvironment {
  std::string name;
  std::string value;
};
Result<FromEnvironment> look_up(const Environment& environment, const Option& option);

// One warning a KTL_* or TORQUE_* name that means nothing to ktl, with the nearest known name.
// `used` are names that the caller gave to the build (--secret KTL_X, --build-arg KTL_X).
std::vector<std::string> unknown_variables(const Environment& environment,
                                           const std::vector<Option>& options,
                                           const std::vector<std::string>& used);

}  // namespace ktl::cli
