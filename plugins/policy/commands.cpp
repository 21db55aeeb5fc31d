#include "commands.h"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/subcommand.h"
#include "question.h"
#include "rules.h"

namespace ktl::policy {
namespace {

constexpr int kFailed = 1;
constexpr int kDenied = 3;
constexpr int64_t kTestMs = 300'000;
constexpr int64_t kEvalMs = 30'000;
constexpr int64_t kGraceMs = 2'000;
constexpr size_t kMaxDocument = 64U << 20U;

constexpr std::array<SubcommandRow, 4> kCommands = {{
    {"test", "run the rules named test_...", "POLICY ...", 1, 64},
    {"eval", "what the rules say of a document", "POLICY ...", 1, 64},
    {"explain", "the same for people: each denial with its rule, place and edit", "POLICY ...", 1,
     64},
    {"help", "this text"},
}};
constexpr std::array<SubcommandOption, 4> kOptions = {{
    {"input", "FILE|-", "eval explain", "the document that is judged [-]"},
    {"json", "", "test eval", "the result as JSON"},
    {"run", "WORD", "test", "only tests with WORD in their names"},
    {"help", "", "test eval explain help", ""},
}};
constexpr SubcommandTable kTable = {"ktl policy", "Rules without a build", kCommands, kOptions};

std::string exit_document(int exit, const std::string& text) {
  return json::serialize(json::object{{"exit", exit}, {"stdout", text}});
}

std::vector<std::string> places_of(const CommandLine& line) {
  std::vector<std::string> places;
  for (const std::string& word : line.words) {
    places.push_back(word.find("://") == std::string::npos
                         ? std::filesystem::absolute(word).lexically_normal().string()
                         : word);
  }
  return places;
}

Result<json::value> document_of(const CommandLine& line) {
  const std::string file = line.text("input", "-");
  auto text = file == "-" ? read_all(STDIN_FILENO, kMaxDocument) : read_file(file, kMaxDocument);
  auto parsed = text.ok() ? parse_json(*text, kMaxDocument) : Result<json::value>(text.status());
  return parsed.ok() ? std::move(parsed)
                     : Status(Code::kInvalidArgument, parsed.status().message())
                           .at(file == "-" ? "standard input" : file);
}

std::string line_of(const json::value& test) {
  const std::string_view error = text_of(test, "error");
  const char* word = bool_of(test, "failed") ? "FAIL" : bool_of(test, "skipped") ? "SKIP" : "PASS";
  return std::string(word) + " " + std::string(text_of(test, "name")) + " (" +
         std::string(text_of(test, "place")) + ")" +
         (error.empty() ? "" : ": " + std::string(error)) + "\n";
}

Result<std::string> test(const CommandLine& line, int cancel_fd) {
  KTL_ASSIGN(Loaded rules, load_rules(places_of(line), "", Tests::kTaken, cancel_fd));
  KTL_ASSIGN(const json::value answer,
             rules.engine->ask({{"op", "test"}, {"timeout_ms", kTestMs}}, kTestMs + kGraceMs));
  const std::string word = line.text("run");
  json::array kept;
  std::string text;
  bool failed = false;
  const json::value* tests = field_of(answer, "tests");
  for (const json::value& each : tests == nullptr ? json::array() : tests->as_array()) {
    if (text_of(each, "name").find(word) != std::string_view::npos) {
      kept.push_back(each);
      text += line_of(each);
      failed = failed || bool_of(each, "failed");
    }
  }
  if (kept.empty()) {
    return Status(Code::kInvalidArgument, "there are no tests: no rule is named test_...")
        .advise("write test_NAME if { ... } into NAME_test.rego beside the rules");
  }
  return exit_document(failed ? kFailed : 0,
                       line.has("json") ? pretty_json(json::object{{"tests", kept}}) : text);
}

std::string told(const json::value& remark, std::string_view word) {
  std::string text = std::string(word) + " " + std::string(text_of(remark, "rule")) + ": " +
                     std::string(text_of(remark, "message")) + "\n";
  for (std::string_view key : {"location", "edit"}) {
    if (const std::string_view value = text_of(remark, key); !value.empty()) {
      text += "  " + std::string(key) + ": " + std::string(value) + "\n";
    }
  }
  return text;
}

std::string told(const Remarks& remarks) {
  std::string text;
  for (const json::value& each : remarks.denials) {
    text += told(each, "deny");
  }
  for (const json::value& each : remarks.warnings) {
    text += told(each, "warn");
  }
  return text.empty() ? "passed: no rule denies or warns\n" : text;
}

// A question is put in buildx's form, too, like a live one; what has that form already is not.
Result<json::value> asked(Engine& engine, const json::value& document) {
  json::array said;
  auto ask = [&](const json::value& input, std::string_view only) -> Status {
    KTL_ASSIGN(
        json::value answer,
        engine.ask(
            {{"op", "evaluate"}, {"only", only}, {"document", input}, {"timeout_ms", kEvalMs}},
            kEvalMs + kGraceMs));
    if (const json::value* list = field_of(answer, "said")) {
      said.insert(said.end(), list->as_array().begin(), list->as_array().end());
    }
    return {};
  };
  KTL_TRY(ask(document, "ktl"));
  KTL_ASSIGN(const auto input, buildx_input(document));
  const bool of_ktl = text_of(document, "schema").starts_with("ktl.");
  if (input || !of_ktl) {
    KTL_TRY(ask(input ? json::value(*input) : document, "docker"));
  }
  return json::value(json::object{{"said", std::move(said)}});
}

Result<std::string> evaluate(const CommandLine& line, int cancel_fd) {
  KTL_ASSIGN(Loaded rules, load_rules(places_of(line), "", Tests::kLeftOut, cancel_fd));
  KTL_ASSIGN(const json::value document, document_of(line));
  auto answer = asked(*rules.engine, document);
  auto remarks = answer.ok() ? remarks_of(*answer, "Dockerfile") : Result<Remarks>(answer.status());
  if (!remarks.ok()) {
    return exit_document(kDenied, "cannot be evaluated: " + remarks.status().message() + "\n");
  }
  const json::object verdict = verdict_of(*remarks, rules.digest);
  const bool plain = line.command == "explain";
  return exit_document(remarks->denials.empty() ? 0 : kDenied,
                       plain ? told(*remarks) : pretty_json(verdict));
}

}  // namespace

Result<std::string> run_command(const std::vector<std::string>& words, int cancel_fd) {
  KTL_ASSIGN(const CommandLine line, parse_subcommand(kTable, words));
  if (line.command == "help") {
    return exit_document(0, subcommand_help(kTable));
  }
  return line.command == "test" ? test(line, cancel_fd) : evaluate(line, cancel_fd);
}

}  // namespace ktl::policy
