#include "jail/scalar.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/json.h"
#include "base/suggest.h"

namespace ktl::jail {
namespace {

Status wrong(const FieldRow& row, const Scalar& said, std::string_view wanted) {
  const std::string shown = (said.negative ? "-" : "") + said.text;
  return {Code::kInvalidArgument, "\"" + std::string(row.name) + "\" is " + std::string(wanted) +
                                      ", not \"" + shown.substr(0, 64) + "\""};
}

std::optional<uint64_t> magnitude(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  return error == std::errc() && end == last ? std::optional(number) : std::nullopt;
}

// The largest number of a kind; a signed one goes one further below zero.
uint64_t largest(Kind kind) {
  switch (kind) {
    case Kind::kInt32:
      return std::numeric_limits<int32_t>::max();
    case Kind::kInt64:
      return std::numeric_limits<int64_t>::max();
    case Kind::kUint32:
      return std::numeric_limits<uint32_t>::max();
    default:
      return std::numeric_limits<uint64_t>::max();
  }
}

Result<Value> number(const FieldRow& row, const Scalar& said) {
  const auto value = said.kind == TokenKind::kNumber ? magnitude(said.text) : std::nullopt;
  if (!value) {
    return wrong(row, said, "a whole number");
  }
  const bool is_signed = row.kind == Kind::kInt32 || row.kind == Kind::kInt64;
  const uint64_t most = largest(row.kind) + (said.negative && is_signed ? 1 : 0);
  if ((said.negative && !is_signed && *value != 0) || *value > most) {
    return wrong(row, said,
                 is_signed ? "a smaller number" : "a number from 0 to " + std::to_string(most));
  }
  return Value{{}, said.negative ? uint64_t{0} - *value : *value, {}, {}};
}

Result<Value> truth(const FieldRow& row, const Scalar& said) {
  const bool numeric = said.kind == TokenKind::kNumber && !said.negative;
  const auto value = numeric ? magnitude(said.text) : std::nullopt;
  const bool word = said.kind == TokenKind::kWord;
  if (value == 1 || (word && (said.text == "true" || said.text == "True" || said.text == "t"))) {
    return Value{{}, 1, {}, {}};
  }
  if (value == 0 || (word && (said.text == "false" || said.text == "False" || said.text == "f"))) {
    return Value{{}, 0, {}, {}};
  }
  return wrong(row, said, "true or false");
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) {
    all += (all.empty() ? "" : ", ") + word;
  }
  return all;
}

Result<Value> word(const FieldRow& row, const Scalar& said) {
  const auto index =
      said.kind == TokenKind::kNumber && !said.negative ? magnitude(said.text) : std::nullopt;
  if (index && *index < row.words.size()) {
    return Value{{}, 0, std::string(row.words[*index]), {}};
  }
  const std::vector<std::string> words(row.words.begin(), row.words.end());
  if (said.kind == TokenKind::kWord && std::ranges::find(words, said.text) != words.end()) {
    return Value{{}, 0, said.text, {}};
  }
  return wrong(row, said, "one of " + joined(words)).advise(did_you_mean(said.text, words));
}

Result<Value> text(const FieldRow& row, const Scalar& said) {
  if (said.kind != TokenKind::kString) {
    return wrong(row, said, "a text in quotes");
  }
  if (row.kind == Kind::kText && said.text.find('\0') != std::string::npos) {
    return Status(Code::kInvalidArgument, "\"" + std::string(row.name) + "\" holds a NUL");
  }
  if (row.kind == Kind::kText && valid_utf8(said.text) != said.text) {
    return Status(Code::kInvalidArgument, "\"" + std::string(row.name) + "\" is not UTF-8");
  }
  return Value{{}, 0, said.text, {}};
}

}  // namespace

Result<Value> to_value(const FieldRow& row, const Scalar& said) {
  switch (row.kind) {
    case Kind::kBool:
      return truth(row, said);
    case Kind::kWord:
      return word(row, said);
    case Kind::kText:
    case Kind::kBytes:
      return text(row, said);
    default:
      return number(row, said);
  }
}

}  // namespace ktl::jail
