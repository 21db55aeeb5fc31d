// BuildKit's own cases for its Dockerfile parser and shell lexer, read from its Go module.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dockerfile/expand.h"
#include "dockerfile/parser.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

namespace fs = std::filesystem;

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    const char* module = std::getenv("KTL_BUILDKIT_MODULE");
    ASSERT_TRUE(module != nullptr && *module != '\0')
        << "set KTL_BUILDKIT_MODULE to the folder of the Go module github.com/moby/buildkit";
    root_ = fs::path(module) / "frontend/dockerfile";
    ASSERT_TRUE(fs::is_directory(root_)) << root_;
  }

  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

  static std::vector<std::string> lines(const fs::path& path) {
    std::vector<std::string> out;
    std::istringstream in(content(path));
    for (std::string line; std::getline(in, line);) {
      out.push_back(line);
    }
    return out;
  }

  fs::path root_;
};

// The text between quotes as Go's %q writes it, which leaves printable UTF-8 as it is.
std::string go_quoted(std::string_view text) {
  constexpr std::string_view kNamed = "\"\\\a\b\f\n\r\t\v";
  constexpr std::string_view kNames = "\"\\abfnrtv";
  std::string out = "\"";
  for (const char c : text) {
    if (const size_t named = kNamed.find(c); named != std::string_view::npos) {
      out += std::string("\\") + kNames[named];
    } else if (c == '\0') {
      out += "\\x00";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string dump_flags(const Instruction& instruction) {
  std::string out;
  for (const Flag& flag : instruction.flags) {
    out += (out.empty() ? "" : " ") +
           go_quoted("--" + flag.name + (flag.has_value ? "=" + flag.value : ""));
  }
  return out.empty() ? out : " [" + out + "]";
}

// The form of the `result` files: (keyword ["flag"] "argument" ...).
std::string dump(const Instruction& instruction) {
  std::string out = to_lower(instruction.keyword) + dump_flags(instruction);
  for (const std::string& argument : instruction.arguments) {
    out += " " + go_quoted(argument);
  }
  for (const Assignment& assignment : instruction.assignments) {
    out += " " + go_quoted(assignment.name) + " " + go_quoted(assignment.value) + " " +
           go_quoted(assignment.legacy ? "" : "=");
  }
  for (const Instruction& trigger : instruction.trigger) {
    out += " " + dump(trigger);
  }
  if (!std::ranges::binary_search(known_keywords(), instruction.keyword)) {
    out += " \"\"";
  }
  return "(" + out + ")";
}

std::string dump(const Dockerfile& file) {
  std::string out;
  for (const Instruction& instruction : file.instructions) {
    out += dump(instruction) + "\n";
  }
  return out;
}

TEST_F(Conformance, ParsesWhatTheFrontendParses) {
  size_t cases = 0;
  for (const auto& folder : fs::directory_iterator(root_ / "parser/testfiles")) {
    const auto file = parse(content(folder.path() / "Dockerfile"));
    ASSERT_TRUE(file.ok()) << folder.path() << ": " << file.status().to_string();
    EXPECT_EQ(dump(*file), content(folder.path() / "result")) << folder.path();
    ++cases;
  }
  EXPECT_GE(cases, 30U);
}

TEST_F(Conformance, RefusesWhatTheFrontendRefuses) {
  size_t cases = 0;
  for (const auto& folder : fs::directory_iterator(root_ / "parser/testfiles-negative")) {
    EXPECT_FALSE(parse(content(folder.path() / "Dockerfile")).ok()) << folder.path();
    ++cases;
  }
  EXPECT_GE(cases, 4U);
}

TEST_F(Conformance, CountsLinesAsTheFrontendDoes) {
  const auto file = parse(content(root_ / "parser/testfile-line/Dockerfile"));
  ASSERT_TRUE(file.ok());
  std::vector<std::pair<int, int>> found;
  for (const Instruction& instruction : file->instructions) {
    found.emplace_back(instruction.start_line, instruction.end_line);
  }
  // The ranges that BuildKit's parser_test.go expects of this file.
  EXPECT_THAT(found, testing::ElementsAre(std::pair(5, 5), std::pair(11, 12), std::pair(17, 31)));
}

std::vector<std::string> split(std::string_view text, char sign) {
  std::vector<std::string> out;
  std::string part;
  for (std::istringstream in{std::string(text)}; std::getline(in, part, sign);) {
    out.push_back(part);
  }
  if (text.ends_with(sign)) {
    out.emplace_back();
  }
  return out;
}

// Lines `platform | word | expected`; platform W is for Windows.
TEST_F(Conformance, ExpandsVariablesAsTheFrontendDoes) {
  const Variables variables = {
      {"PWD", "/home"}, {"SHELL", "bash"}, {"KOREAN", "한국어"}, {"NULL", ""}};
  size_t cases = 0;
  for (const std::string& line : lines(root_ / "shell/envVarTest")) {
    if (line.starts_with('#') || line.starts_with('W') || trim(line).empty()) {
      continue;
    }
    const auto parts = split(trim(line), '|');
    ASSERT_EQ(parts.size(), 3U) << line;
    const auto expansion = Expander('\\').expand(trim(parts[1]), variables);
    EXPECT_EQ(expansion.ok() ? expansion->text : "error", trim(parts[2])) << line;
    ++cases;
  }
  EXPECT_GE(cases, 200U);
}

// Lines `text | word,word`, and `ENV name=value` for what follows.
TEST_F(Conformance, SplitsWordsAsTheFrontendDoes) {
  Variables variables;
  size_t cases = 0;
  for (const std::string& line : lines(root_ / "shell/wordsTest")) {
    if (line.starts_with('#')) {
      continue;
    }
    if (line.starts_with("ENV ")) {
      const size_t equals = line.find('=');
      variables[line.substr(4, equals - 4)] = line.substr(equals + 1);
      continue;
    }
    const auto parts = split(line, '|');
    ASSERT_EQ(parts.size(), 2U) << line;
    const auto expansion = Expander('\\').expand(trim(parts[0]), variables);
    const auto expected = split(parts[1].substr(parts[1].find_first_not_of(' ')), ',');
    EXPECT_EQ(expansion.ok() ? expansion->words : std::vector<std::string>{"error"}, expected)
        << line;
    ++cases;
  }
  EXPECT_GE(cases, 20U);
}

}  // namespace
}  // namespace ktl::dockerfile
