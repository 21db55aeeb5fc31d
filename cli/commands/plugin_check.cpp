// `ktl plugin check`.
#include "core/plugins/check/check.h"

#include <fmt/format.h>

#include "base/fd.h"
#include "cli/commands/command.h"
#include "cli/options/common_options.h"
#include "cli/render/sanitize.h"
#include "cli/request/convert.h"
#include "yaml/yaml.h"

namespace ktl::cli {
namespace {

constexpr size_t kMaxConfig = 1U << 20U;

Result<json::value> config_of(const std::string& file) {
  KTL_ASSIGN(std::string text, read_file(file, kMaxConfig));
  KTL_ASSIGN(YamlDocument yaml, parse_yaml(text, file));
  if (!yaml.value.is_object()) {
    return Status(Code::kInvalidArgument, "a plugin's configuration is an object").at(file);
  }
  return std::move(yaml.value);
}

const char* word_for(CheckLine::Outcome outcome) {
  return outcome == CheckLine::Outcome::kPass   ? "PASS"
         : outcome == CheckLine::Outcome::kFail ? "FAIL"
                                                : "SKIP";
}

std::string to_text(const CheckReport& report) {
  std::string text;
  for (const CheckLine& line : report.lines) {
    std::string rule = line.rule.empty() ? "" : " (" + line.rule + ")";
    std::string what = line.what.empty() ? "" : ": " + one_line(line.what);
    text += fmt::format("{} {}{}{}\n", word_for(line.outcome), line.step, rule, what);
  }
  return text;
}

json::object to_json(const std::string& file, const CheckReport& report) {
  json::array lines;
  for (const CheckLine& line : report.lines) {
    lines.push_back(json::object{{"step", line.step},
                                 {"status", word_for(line.outcome)},
                                 {"rule", line.rule},
                                 {"what", line.what}});
  }
  return {{"file", file}, {"id", report.id}, {"ok", report.ok()}, {"checks", std::move(lines)}};
}

Result<bool> check(const Invocation& invocation) {
  static const FlagSet flags(plugin_check_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  KTL_ASSIGN(Settings settings, gather(flags, parsed, invocation.environment, {}));
  if (parsed.words.size() != 1) {
    return Status(Code::kInvalidArgument, "ktl plugin check needs one plugin's file")
        .advise("ktl plugin check build/com-example-scan.so");
  }
  CheckSubject subject{absolute(invocation.directory, parsed.words[0])};
  if (std::string file = word_of(settings, "config"); !file.empty()) {
    KTL_ASSIGN(subject.config, config_of(absolute(invocation.directory, file)));
  }
  KTL_ASSIGN(CheckReport report, check_plugin(subject));
  bool as_json = flag_of(settings, "json");
  invocation.console.out(as_json ? pretty_json(to_json(subject.file, report)) : to_text(report));
  return report.ok();
}

}  // namespace

int run_plugin_check(const Invocation& invocation) {
  Result<bool> good = check(invocation);
  if (!good.ok()) {
    return fail(invocation.console, good.status());
  }
  return *good ? 0 : 1;
}

}  // namespace ktl::cli
