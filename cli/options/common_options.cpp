#include "cli/options/common_options.h"

#include <algorithm>

#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

Option json_option() { return {.name = "json", .group = "display", .help = "the result as JSON"}; }

std::vector<Option> with(std::vector<Option> first, const std::vector<Option>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

std::vector<Option> of_build(const std::vector<std::string>& names) {
  std::vector<Option> some;
  for (const Option& option : build_options()) {
    if (std::ranges::find(names, option.name) != names.end()) {
      some.push_back(option);
    }
  }
  return some;
}

}  // namespace

const std::vector<Option>& no_options() {
  static const std::vector<Option> table;
  return table;
}

const std::vector<Option>& json_options() {
  static const std::vector<Option> table = {json_option()};
  return table;
}

const std::vector<Option>& plugin_options() {
  static const std::vector<Option> table = with(json_options(), bootstrap_options());
  return table;
}

const std::vector<Option>& plugin_check_options() {
  static const std::vector<Option> table =
      with(json_options(), {{.name = "config",
                             .value = Value::kRequired,
                             .shape = Shape::kPath,
                             .group = "input",
                             .operand = "FILE",
                             .help = "the plugin's configuration, YAML or JSON"}});
  return table;
}

const std::vector<Option>& plugin_new_options() {
  static const std::vector<Option> table = {{.name = "lang",
                                             .value = Value::kRequired,
                                             .shape = Shape::kText,
                                             .group = "input",
                                             .operand = "c|cpp",
                                             .help = "the language of the plugin (cpp)",
                                             .choices = {"c", "cpp"}},
                                            {.name = "id",
                                             .value = Value::kRequired,
                                             .shape = Shape::kText,
                                             .group = "input",
                                             .operand = "ID",
                                             .help = "who it is, for ever: com.example.scan"}};
  return table;
}

const std::vector<Option>& config_show_options() {
  static const std::vector<Option> table = [] {
    Option origin{.name = "origin", .group = "display", .help = "where each value came from"};
    return with(with(json_options(), {origin}),
                of_build({"project", "plugin-dir", "profile", "set"}));
  }();
  return table;
}

const std::vector<Option>& config_trust_options() {
  static const std::vector<Option> table = {
      {.name = "forget", .group = "project", .help = "believe it no longer"}};
  return table;
}

const std::vector<Option>& doctor_options() {
  static const std::vector<Option> table = with(plugin_options(), of_build({"builder"}));
  return table;
}

const std::vector<Option>& login_options() {
  static const std::vector<Option> table =
      with({{.name = "username",
             .letter = 'u',
             .value = Value::kRequired,
             .shape = Shape::kText,
             .group = "login",
             .operand = "USER",
             .help = "who logs in; asked for when it is missing"},
            {.name = "password-stdin", .group = "login", .help = "read the password from stdin"},
            {.name = "password",
             .letter = 'p',
             .value = Value::kRequired,
             .shape = Shape::kText,
             .group = "login",
             .operand = "PASSWORD",
             .help = "refused: other users can read command lines; use --password-stdin"},
            {.name = "plain-http", .group = "login", .help = "the registry speaks no TLS"}},
           of_build({"authfile"}));
  return table;
}

const std::vector<Option>& logout_options() {
  static const std::vector<Option> table = of_build({"authfile"});
  return table;
}

const std::vector<Option>& lock_own_options() {
  constexpr Value kRequired = Value::kRequired;
  static const std::vector<Option> table = {
      {"export", 0, kRequired, Shape::kPath, "lock", "FILE",
       "write ktl.lock and all it names into one file; nothing is built", ""},
      {"import", 0, kRequired, Shape::kPath, "lock", "FILE",
       "take ktl.lock and content from such a file; nothing is built", ""},
      {"keep-limit", 0, kRequired, Shape::kText, "lock", "SIZE",
       "how much content is kept, the last used first [10GB]", ""}};
  return table;
}

const std::vector<Option>& lock_options() {
  static const std::vector<Option> table = with(lock_own_options(), build_options());
  return table;
}

}  // namespace ktl::cli
