#include "core/document/schemas.h"

#include <gmock/gmock.h>

#include <set>

#include "base/fd.h"
#include "core/document/schema_table.h"

namespace ktl {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// The JSON texts of the fenced examples in docs/documents.md. An object ends on the line that
// closes its brackets.
std::vector<std::string> examples() {
  auto text = read_file(std::string(KTL_SOURCE_DIR) + "/docs/documents.md", 1U << 20U);
  EXPECT_TRUE(text.ok());
  std::vector<std::string> found;
  std::istringstream lines(*text);
  std::string one;
  int depth = 0;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```json";
      continue;
    }
    if (!inside) {
      continue;
    }
    one += line + "\n";
    depth += static_cast<int>(std::ranges::count_if(line, [](char c) { return c == '{'; }));
    depth -= static_cast<int>(std::ranges::count_if(line, [](char c) { return c == '}'; }));
    if (depth == 0) {
      found.push_back(std::exchange(one, {}));
    }
  }
  return found;
}

// Examples abbreviate: "..." for any digest or text, "a|b" for a choice, {} for a whole document.
std::string spelled_out(std::string text) {
  const std::string digest = "\"sha256:" + std::string(64, 'a') + "\"";
  auto replace = [&](std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  };
  replace("\"sha256:...\"", digest);
  replace("\"digest\": \"...\"", "\"digest\": " + digest);
  replace("<sha256 of the SDK's headers, by ktl_add_plugin>", std::string(64, 'b'));
  replace("<64 hex digits>", std::string(64, 'c'));
  replace("\"root\": {}", "\"root\": null");
  for (std::string_view choice :
       {"private|external", "info|warn|block", "store|oci|registry|files|docker",
        "done|failed|refused|cancelled", "keeper|worker", "none|optional|required",
        "bool|text|int|path|places"}) {
    replace(choice, choice.substr(0, choice.find('|')));
  }
  replace("{\"id\": \"\", \"version\": \"\", \"sha256\": \"\"}", "");
  return text;
}

std::string schema_of(const json::value& document) {
  std::string name(text_of(document, "schema"));  // "ktl.plan/1"
  std::ranges::replace(name, '/', '-');
  return name.substr(name.find('.') + 1);
}

TEST(Schemas, AllOfThemCompile) {
  EXPECT_GT(kSchemas.size(), 15U);
  for (const auto& schema : kSchemas) {
    auto compiled = Schema::compile(schema.text);  // by the rules, which the product relies on
    EXPECT_TRUE(compiled.ok()) << schema.name << ": " << compiled.status().to_string();
    EXPECT_TRUE(document_schema(schema.name).ok());
  }
}

TEST(Schemas, TheExamplesOfTheDocumentationAreValid) {
  std::set<std::string> seen;
  for (const auto& example : examples()) {
    auto document = parse_json(spelled_out(example));
    ASSERT_TRUE(document.ok()) << example << document.status().to_string();
    std::string name = schema_of(*document);
    Status status = check_document(name, *document);
    EXPECT_TRUE(status.ok()) << example << status.to_string();
    seen.insert(name);
  }
  EXPECT_THAT(seen, IsSupersetOf({"request-1", "plan-1", "builder-1", "features-1", "solve-1",
                                  "turn-1", "solved-1", "build-error-1", "findings-1", "receipts-1",
                                  "record-1", "manifest-1"}));
}

TEST(Schemas, RefusesWhatNoDocumentIsCalled) {
  EXPECT_EQ(check_document("nothing-1", json::object{}).code(), Code::kNotFound);
  EXPECT_EQ(schema_text("plan"), "");
}

struct Bad {
  const char* schema;
  const char* text;
  const char* words;
};

TEST(Schemas, RefusesWhatADocumentMustNotSay) {
  for (const Bad& bad : {
           Bad{"begun-1", R"({})", "build"},
           Bad{"turn-1", R"({"schema": "ktl.turn/1"})", "turn-1"},
           Bad{"turn-1", R"({"schema": "ktl.turn/1", "done": {}})", "done"},
           Bad{"findings-1",
               R"({"schema": "ktl.findings/1", "findings": [{"rule": "r", "severity": "fatal",
                   "message": "m"}]})",
               "severity"},
           Bad{"choice-1", R"({"staging": "yes", "outputs": [], "exclude": []})", "staging"},
           Bad{"receipts-1",
               R"({"schema": "ktl.receipts/1", "receipts": [{"kind": "oci", "digest": "md5:1"}]})",
               "digest"},
           Bad{"request-1",
               R"({"schema": "ktl.request/1", "command": "build", "context": "/c", "surprise": 1})",
               "surprise"},
           Bad{"event-1", R"({"seq": 1, "time_ns": 1, "build": "b", "type": "log", "body": {}})",
               "type"},
       }) {
    auto document = parse_json(bad.text);
    ASSERT_TRUE(document.ok()) << bad.text;
    Status status = check_document(bad.schema, *document);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << bad.text;
    EXPECT_THAT(status.to_string(), HasSubstr(bad.words));
  }
}

}  // namespace
}  // namespace ktl
