#include "command.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/fd.h"
#include "base/subcommand.h"
#include "sarif.h"
#include "secrets/samples.h"
#include "secrets/tree.h"

namespace ktl::secrets {
namespace {

constexpr int kFound = 4;   // secrets that block
constexpr int kFailed = 1;  // samples that are not judged as they should be
constexpr size_t kMostConfig = 1U << 20U;
constexpr size_t kMostFindings = 100'000;

constexpr std::array kCommands = {
    SubcommandRow{"scan", "Look for secrets below a folder, in a file or in standard input (-)",
                  "PATH|-", 1, 1},
    SubcommandRow{"rules", "List the rules", "", 0, 0},
    SubcommandRow{"test", "Judge the samples of a rule file", "FILE", 1, 1},
    SubcommandRow{"help", "Say this", "", 0, 0}};
constexpr std::array kOptions = {
    SubcommandOption{"json", "", "scan rules", "Print JSON"},
    SubcommandOption{"sarif", "", "scan", "Print SARIF 2.1.0"},
    SubcommandOption{"secrets-config", "FILE", "scan rules", "Rules of the project"}};
constexpr SubcommandTable kTable = {"ktl secrets", "Looks for secrets.", kCommands, kOptions};

Result<Rules> rules_for(const CommandLine& line) {
  const std::string file = line.text("secrets-config");
  if (file.empty()) {
    return Rules::load();
  }
  KTL_ASSIGN(const std::string text, read_file(file, kMostConfig));
  return Rules::load(text, file);
}

std::string place_of(const Finding& finding) {
  const std::string path = finding.path.empty() ? "-" : valid_utf8(finding.path);
  return finding.match.line == 0 ? path
                                 : path + ":" + std::to_string(finding.match.line) + ":" +
                                       std::to_string(finding.match.column);
}

// Control characters of file names reach no terminal.
std::string shown(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

json::object json_of(const Finding& finding) {
  const Rule& rule = *finding.match.rule;
  return {{"rule", rule.id},
          {"severity", severity_name(rule.severity)},
          {"phase", "scan"},
          {"location", place_of(finding)},
          {"masked", finding.match.masked},
          {"fix", rule.fix},
          {"description", rule.description},
          {"hash", finding.match.hash},
          {"decoded_by", decoding_name(finding.match.decoded_by)}};
}

struct Scanned {
  std::vector<Finding> findings;
  TreeResult result;
  bool blocks = false;
};

std::string as_json(const Scanned& scanned) {
  json::array findings;
  for (const Finding& finding : scanned.findings) {
    findings.push_back(json_of(finding));
  }
  json::array gaps;
  for (const std::string& gap : scanned.result.not_scanned) {
    gaps.emplace_back(valid_utf8(gap));
  }
  return pretty_json(json::object{{"schema", "ktl.secrets-scan/1"},
                                  {"blocked", scanned.blocks},
                                  {"files", scanned.result.files},
                                  {"bytes", scanned.result.bytes},
                                  {"allowed", scanned.result.allowed},
                                  {"findings", std::move(findings)},
                                  {"not_scanned", std::move(gaps)}});
}

std::string as_text(const Scanned& scanned) {
  std::string out;
  for (const Finding& finding : scanned.findings) {
    const Rule& rule = *finding.match.rule;
    out += shown(place_of(finding)) + ": " + std::string(severity_name(rule.severity)) + ": " +
           rule.description + " (" + rule.id + "): " + finding.match.masked + "\n";
  }
  for (const std::string& gap : scanned.result.not_scanned) {
    out += "not scanned: " + shown(valid_utf8(gap)) + "\n";
  }
  return out + std::to_string(scanned.findings.size()) + " findings in " +
         std::to_string(scanned.result.files) + " files\n";
}

Result<CommandAnswer> scan(const CommandLine& line, const std::function<bool()>& cancelled) {
  KTL_ASSIGN(const Rules rules, rules_for(line));
  Scanned scanned;
  uint64_t dropped = 0;
  TreeScan how;
  how.cancelled = cancelled;
  how.found = [&](const std::string& path, const Match& match) {
    scanned.blocks |= match.rule->severity == Severity::kBlock;
    if (scanned.findings.size() < kMostFindings) {
      scanned.findings.push_back({path, match});
    } else {
      ++dropped;
    }
  };
  const std::string& what = line.words.front();
  KTL_ASSIGN(scanned.result,
             what == "-" ? scan_fd(rules, STDIN_FILENO, how) : scan_tree(rules, what, how));
  if (cancelled()) {
    return Status(Code::kCancelled, "the scan was interrupted");
  }
  if (dropped != 0) {
    scanned.result.not_scanned.push_back(std::to_string(dropped) + " more findings");
  }
  std::sort(scanned.findings.begin(), scanned.findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.path, a.match.offset) < std::tie(b.path, b.match.offset);
            });
  std::string out = line.has("sarif")  ? pretty_json(sarif_of(scanned.findings))
                    : line.has("json") ? as_json(scanned)
                                       : as_text(scanned);
  return CommandAnswer{scanned.blocks ? kFound : 0, std::move(out)};
}

Result<CommandAnswer> list(const CommandLine& line) {
  KTL_ASSIGN(const Rules rules, rules_for(line));
  json::array all;
  std::string out;
  for (const Rule* rule : rules.all()) {
    out += rule->id + "  " + std::string(severity_name(rule->severity)) + "  " + rule->description +
           "\n";
    all.push_back({{"id", rule->id},
                   {"severity", severity_name(rule->severity)},
                   {"description", rule->description},
                   {"fix", rule->fix}});
  }
  return CommandAnswer{0, line.has("json")
                              ? pretty_json(json::object{{"schema", "ktl.secrets-rules/1"},
                                                         {"digest", rules.digest()},
                                                         {"rules", std::move(all)}})
                              : out};
}

Result<CommandAnswer> test(const CommandLine& line) {
  const std::string& file = line.words.front();
  KTL_ASSIGN(const std::string text, read_file(file, kMostConfig));
  size_t judged = 0;
  KTL_ASSIGN(const std::vector<std::string> failing, failing_samples(text, file, judged));
  std::string out;
  for (const std::string& each : failing) {
    out += each + "\n";
  }
  out += std::to_string(judged) + " samples, " + std::to_string(failing.size()) + " fail\n";
  return CommandAnswer{failing.empty() ? 0 : kFailed, std::move(out)};
}

}  // namespace

Result<CommandAnswer> run_command(const std::vector<std::string>& args,
                                  const std::function<void(const std::string&)>& note,
                                  const std::function<bool()>& cancelled) {
  KTL_ASSIGN(const CommandLine line, parse_subcommand(kTable, args));
  if (line.command == "scan") {
    KTL_ASSIGN(const Rules rules, rules_for(line));
    for (const std::string& expired : rules.expired()) {
      note(expired);
    }
    return scan(line, cancelled);
  }
  if (line.command == "rules") {
    return list(line);
  }
  if (line.command == "test") {
    return test(line);
  }
  return CommandAnswer{0, subcommand_help(kTable)};
}

}  // namespace ktl::secrets
