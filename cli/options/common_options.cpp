#include "cli/options/common_options.h"

#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

Option json_option() { return {.name = "json", .group = "display", .help = "the result as JSON"}; }

std::vector<Option> with(std::vector<Option> first, const std::vector<Option>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

std::vector<Option> of_build(const std::string& name) {
  for (const Option& option : build_options()) {
    if (option.name == name) {
      return {option};
    }
  }
  return {};
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

const std::vector<Option>& doctor_options() {
  static const std::vector<Option> table = with(plugin_options(), of_build("builder"));
  return table;
}

}  // namespace ktl::cli
