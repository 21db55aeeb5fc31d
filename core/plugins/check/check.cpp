#include "core/plugins/check/check.h"

#include <fcntl.h>
#include <ktl/plugin.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/document/validate.h"
#include "core/plugins/check/steps.h"
#include "core/plugins/elf.h"
#include "core/plugins/locate.h"

namespace ktl {
namespace {

constexpr int64_t kStepMs = 15'000;

using Outcome = CheckLine::Outcome;

// A folder that goes with the report.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "ktl-check-XXXXXX").native();
    path_ = mkdtemp(name.data()) == nullptr ? "" : name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

CheckLine failed(std::string step, std::string rule, std::string what) {
  return {std::move(step), Outcome::kFail, std::move(rule), std::move(what)};
}

// Everything that is exported could meet a name of another plugin.
CheckLine check_exports(const PluginFile& file) {
  auto elf = ElfFile::open(file.fd.get());
  auto all = elf.ok() ? elf->exports() : elf.status();
  if (!all.ok()) {
    return failed("exports", "exports", all.status().message());
  }
  std::erase(*all, KTL_PLUGIN_ENTRY);
  if (all->empty()) {
    return {"exports", Outcome::kPass, "", ""};
  }
  return failed("exports", "exports",
                "the file exports " + all->front() + ", and may export only " KTL_PLUGIN_ENTRY);
}

// The user's configuration, or {}: what a plugin cannot do without has to be given.
CheckLine check_config(const CheckGround& ground) {
  auto schema = Schema::compile(ground.manifest.config);
  if (!schema.ok()) {
    return failed("config", "config", schema.status().message());
  }
  Status valid = schema->validate(ground.subject.config, "configuration");
  if (!valid.ok()) {
    return {"config", Outcome::kSkip, "", valid.message() + "; give one with --config FILE"};
  }
  valid = schema->validate(schema->with_defaults(ground.subject.config), "defaults");
  return valid.ok() ? CheckLine{"config", Outcome::kPass, "", ""}
                    : failed("config", "config", "the schema refuses its own " + valid.message());
}

// The lines of one step: one, or one for each breach.
void add_lines(const std::string& step, const ChildEnd& end, std::vector<CheckLine>& lines) {
  std::string note;
  size_t before = lines.size();
  for (const auto& said : end.said) {
    if (field_of(said, "rule") != nullptr) {
      lines.push_back(
          failed(step, std::string(text_of(said, "rule")), std::string(text_of(said, "what"))));
    } else {
      note = text_of(said, "note");
    }
  }
  if (end.timed_out) {
    lines.push_back(failed(step, "hangs", "it did not come back within 15 s"));
  } else if (end.signal != 0) {
    lines.push_back(failed(step, "crash", std::string("it was ended by ") + strsignal(end.signal)));
  } else if (!end.finished) {
    lines.push_back(failed(step, "exits", "it ended the program"));
  }
  if (!end.printed.empty()) {
    lines.push_back(failed(step, "prints",
                           "it printed \"" + valid_utf8(end.printed.substr(0, 60)) +
                               "\"; only ktl writes to stdout and stderr"));
  }
  if (lines.size() == before) {
    lines.push_back({step, Outcome::kPass, "", note});
  }
}

}  // namespace

bool CheckReport::ok() const {
  return std::ranges::none_of(lines,
                              [](const CheckLine& line) { return line.outcome == Outcome::kFail; });
}

Result<CheckReport> check_plugin(const CheckSubject& subject) {
  KTL_TRY(open_file(subject.file, O_RDONLY | O_NONBLOCK).status());
  PluginIndex none;
  PluginFile file = plugin_at(subject.file, "check", none);
  CheckReport report;
  report.id = file.manifest.id;
  if (!file.fault.ok()) {
    report.lines.push_back(failed("file", "file", file.fault.message()));
    return report;
  }
  report.lines.push_back({"file", Outcome::kPass, "", ""});
  report.lines.push_back(check_exports(file));
  Scratch scratch;
  CheckGround ground{subject,
                     file.manifest,
                     {scratch.path() / "state", scratch.path() / "cache", scratch.path() / "run"}};
  report.lines.push_back(check_config(ground));
  bool configured = report.lines.back().outcome == Outcome::kPass;
  std::string hung = "nothing";
  for (const auto& step : check_steps(ground.manifest)) {
    if (step.name.starts_with(hung)) {
      report.lines.push_back({step.name, Outcome::kSkip, "", hung + " hangs"});
      continue;
    }
    if (!configured && step.name != "load" && step.name != "bad config") {
      report.lines.push_back({step.name, Outcome::kSkip, "", "there is no valid configuration"});
      continue;
    }
    KTL_ASSIGN(ChildEnd end, run_in_child([&](const Say& say) { step.run(ground, say); }, kStepMs));
    add_lines(step.name, end, report.lines);
    if (report.lines.back().rule == "hangs") {
      hung = step.name;  // a verb that hangs would hang in every way it is asked
    }
    if (step.name == "load" && !report.ok()) {
      return report;  // nothing else would say anything new
    }
  }
  return report;
}

}  // namespace ktl
