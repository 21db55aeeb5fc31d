// The cases of github.com/moby/patternmatcher, read from that module's own tests: the folder of
// the module is in KTL_PATTERNMATCHER_MODULE.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "dockerfile/glob.h"
#include "dockerfile/patterns.h"

namespace ktl::dockerfile {
namespace {

// What a line of Go holds: its string literals, unescaped, and its other words.
struct GoLine {
  std::vector<std::string> strings;
  std::vector<std::string> words;
};

std::string take_quoted(std::string_view& rest) {
  std::string out;
  rest.remove_prefix(1);
  while (!rest.empty() && rest[0] != '"') {
    rest.remove_prefix(rest[0] == '\\' ? 1 : 0);
    out += rest.substr(0, 1);
    rest.remove_prefix(1);
  }
  rest.remove_prefix(1);
  return out;
}

GoLine read_line(std::string_view rest) {
  GoLine line;
  while (!rest.empty() && !rest.starts_with("//")) {
    if (rest[0] == '"') {
      line.strings.push_back(take_quoted(rest));
    } else if (rest[0] == '`') {
      line.strings.emplace_back(rest.substr(1, rest.find('`', 1) - 1));
      rest.remove_prefix(line.strings.back().size() + 2);
    } else if (std::isalpha(static_cast<unsigned char>(rest[0])) != 0) {
      size_t size = 1;
      while (size < rest.size() &&
             (std::isalnum(static_cast<unsigned char>(rest[size])) != 0 || rest[size] == '.')) {
        ++size;
      }
      line.words.emplace_back(rest.substr(0, size));
      rest.remove_prefix(size);
    } else {
      rest.remove_prefix(1);
    }
  }
  return line;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The rows of every table that a line ending with `opening` starts.
std::vector<GoLine> table(std::string_view source, std::string_view opening) {
  std::vector<GoLine> rows;
  bool inside = false;
  for (std::string_view line : split_lines(source)) {
    const size_t text = line.find_first_not_of('\t');
    line.remove_prefix(text == std::string_view::npos ? line.size() : text);
    if (inside && line.starts_with('}')) {
      inside = false;
    } else if (inside && !line.empty() && !line.starts_with("//")) {
      rows.push_back(read_line(line));
    }
    inside = inside || line.ends_with(opening);
  }
  return rows;
}

class PatternmatcherCases : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* module = std::getenv("KTL_PATTERNMATCHER_MODULE");
    ASSERT_NE(module, nullptr) << "set KTL_PATTERNMATCHER_MODULE to the folder that "
                                  "`go list -m -f {{.Dir}} github.com/moby/patternmatcher` prints";
    source_ = read(std::string(module) + "/patternmatcher_test.go");
    ignorefile_ = read(std::string(module) + "/ignorefile/ignorefile_test.go");
  }

  static std::string read(const std::string& path) {
    auto text = read_file(path, size_t{1} << 20);
    EXPECT_TRUE(text.ok()) << text.status().to_string();
    return text.ok() ? *text : "";
  }

  std::string source_;
  std::string ignorefile_;
};

// Asks as a walk does: folder by folder.
bool matches_in_walk(const PatternMatcher& matcher, std::string_view path) {
  PatternMatcher::FolderMatches folder;
  for (size_t slash = path.find('/'); slash != std::string_view::npos && slash > 0;
       slash = path.find('/', slash + 1)) {
    PatternMatcher::FolderMatches own;
    static_cast<void>(matcher.matches(path.substr(0, slash), folder, &own));
    folder = own;
  }
  return matcher.matches(path, folder, nullptr);
}

void check_row(const GoLine& row) {
  ASSERT_GE(row.strings.size(), 2U);
  const std::vector<std::string> patterns(row.strings.begin(), row.strings.end() - 1);
  const bool expected = row.words.back() == "true";
  auto matcher = PatternMatcher::parse(patterns);
  ASSERT_TRUE(matcher.ok()) << matcher.status().to_string();
  EXPECT_EQ(matcher->matches(row.strings.back()), expected)
      << patterns[0] << " of " << row.strings.back();
  EXPECT_EQ(matches_in_walk(*matcher, row.strings.back()), expected)
      << patterns[0] << " of " << row.strings.back() << " in a walk";
}

TEST_F(PatternmatcherCases, Matches) {
  const auto rows = table(source_, "[]matchesTestCase{");
  ASSERT_GT(rows.size(), 60U);
  for (const GoLine& row : rows) {
    check_row(row);
  }
  const auto several = table(source_, "[]multiPatternTestCase{");
  ASSERT_GT(several.size(), 3U);
  for (const GoLine& row : several) {
    check_row(row);
  }
}

TEST_F(PatternmatcherCases, MatchOneName) {
  const auto rows = table(source_, "[]matchTest{");
  ASSERT_GT(rows.size(), 40U);
  for (const GoLine& row : rows) {
    auto matcher = PatternMatcher::parse({row.strings.at(0)});
    EXPECT_EQ(matcher.ok(), row.words.at(1) == "nil") << row.strings[0];
    EXPECT_EQ(matcher.ok() && matcher->matches(clean_path(row.strings.at(1))),
              row.words.at(0) == "true")
        << row.strings[0] << " of " << row.strings[1];
  }
}

TEST_F(PatternmatcherCases, Compile) {
  const auto rows = table(source_, "[]compileTestCase{");
  ASSERT_GT(rows.size(), 18U);
  for (const GoLine& row : rows) {
    const std::string text = clean_path(row.strings.at(0));
    auto pattern = Pattern::parse(text, false);
    ASSERT_TRUE(pattern.ok()) << text;
    const std::vector<std::string> types = {"exactMatch", "prefixMatch", "suffixMatch",
                                            "regexpMatch"};
    EXPECT_EQ(types.at(static_cast<size_t>(pattern->type())), row.words.at(0)) << text;
    if (pattern->type() == Pattern::Type::kRegexp) {
      EXPECT_EQ(translate_pattern(text), row.strings.at(1));
    }
  }
}

// Matches("path", []string{"pattern"}) and the line that says what is wrong.
TEST_F(PatternmatcherCases, Sentences) {
  size_t seen = 0;
  const auto lines = split_lines(source_);
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    const size_t call = lines[i].find(":= Matches(\"");
    if (call == std::string_view::npos) {
      continue;
    }
    ++seen;
    const GoLine row = read_line(lines[i].substr(call));
    const std::vector<std::string> patterns(row.strings.begin() + 1, row.strings.end());
    auto matcher = PatternMatcher::parse(patterns);
    const bool wants_error = lines[i + 1].find("err == nil") != std::string_view::npos;
    EXPECT_EQ(matcher.ok(), !wants_error) << lines[i];
    const std::string path = clean_path(row.strings.at(0));
    EXPECT_EQ(path != "." && matcher.ok() && matcher->matches(path),
              lines[i + 1].find("if !match") != std::string_view::npos)
        << lines[i];
  }
  EXPECT_GT(seen, 9U);
}

TEST_F(PatternmatcherCases, IgnoreFile) {
  const std::string opening = "const content = `";
  const size_t start = ignorefile_.find(opening) + opening.size();
  ASSERT_LT(start, ignorefile_.size());
  auto patterns = read_ignore_file(
      std::string_view(ignorefile_).substr(start, ignorefile_.find('`', start) - start));
  ASSERT_TRUE(patterns.ok());
  std::vector<std::string> expected;
  for (const GoLine& row : table(ignorefile_, "expected := []string{")) {
    expected.push_back(row.strings.at(0));
  }
  EXPECT_GT(expected.size(), 5U);
  EXPECT_EQ(*patterns, expected);
}

}  // namespace
}  // namespace ktl::dockerfile
