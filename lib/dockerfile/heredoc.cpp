#include "dockerfile/heredoc.h"

#include <algorithm>

#include "dockerfile/expand.h"

namespace ktl::dockerfile {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kBlank = "\t\n\f\r ";

// What stands before and behind `<<`, read as `digits << dash blanks name`.
struct Opening {
  std::string_view digits;
  bool chomp = false;
  std::string_view name;
};

std::optional<Opening> split_opening(std::string_view word) {
  Opening opening;
  opening.digits = word.substr(0, std::min(word.find_first_not_of(kDigits), word.size()));
  word.remove_prefix(opening.digits.size());
  if (!word.starts_with("<<")) {
    return std::nullopt;
  }
  word.remove_prefix(2);
  opening.chomp = word.starts_with('-');
  word.remove_prefix(opening.chomp ? 1 : 0);
  word.remove_prefix(std::min(word.find_first_not_of(kBlank), word.size()));
  if (word.empty() || word.find('<') != std::string_view::npos) {
    return std::nullopt;
  }
  opening.name = word;
  return opening;
}

uint64_t to_descriptor(std::string_view digits) {
  uint64_t value = 0;
  for (const char digit : digits) {
    const auto next = static_cast<uint64_t>(digit - '0');
    if (value > (UINT64_MAX - next) / 10) {
      return UINT64_MAX;
    }
    value = value * 10 + next;
  }
  return value;
}

auto count_quotes(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return c == '\'' || c == '"'; });
}

Result<std::vector<std::string>> words_of(std::string_view text, bool raw_quotes,
                                          bool raw_escapes) {
  // The backslash, whatever escape the file chose: so does the frontend.
  Expander lexer('\\', {.raw_quotes = raw_quotes, .raw_escapes = raw_escapes, .skip_unset = true});
  KTL_ASSIGN(auto expansion, lexer.expand(text, {}));
  return std::move(expansion.words);
}

}  // namespace

Result<std::optional<Heredoc>> parse_heredoc(std::string_view word) {
  const auto opening = split_opening(word);
  if (!opening.has_value()) {
    return std::optional<Heredoc>();
  }
  KTL_ASSIGN(const auto words, words_of(opening->name, false, false));
  if (words.size() != 1) {
    return std::optional<Heredoc>();
  }
  KTL_ASSIGN(const auto raw, words_of(opening->name, true, false));
  if (raw.size() != 1) {
    return Status(Code::kInvalidArgument,
                  "the name of the here-document cannot be read: " + std::string(opening->name));
  }
  Heredoc heredoc;
  heredoc.name = words[0];
  heredoc.expand = count_quotes(words[0]) == count_quotes(raw[0]);
  heredoc.chomp = opening->chomp;
  heredoc.descriptor = to_descriptor(opening->digits);
  return std::optional<Heredoc>(std::move(heredoc));
}

Result<std::vector<Heredoc>> heredocs_of(std::string_view line) {
  std::vector<Heredoc> heredocs;
  auto words = words_of(line, true, true);
  if (!words.ok()) {
    // A line that is no proper shell text opens none; one that is too much for us is refused.
    const bool improper = words.status().code() == Code::kInvalidArgument;
    return improper ? heredocs : Result<std::vector<Heredoc>>(words.status());
  }
  for (const std::string& word : *words) {
    KTL_ASSIGN(auto heredoc, parse_heredoc(word));
    if (heredoc.has_value()) {
      heredocs.push_back(*std::move(heredoc));
    }
  }
  return heredocs;
}

}  // namespace ktl::dockerfile
