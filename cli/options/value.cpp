#include "cli/options/value.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/number.h"
#include "base/suggest.h"

namespace ktl::cli {

Status not_built(const Option& option, const std::string& subject) {
  return {Code::kInvalidArgument,
          subject + ": not built yet" + (option.obstacle.empty() ? "" : ": " + option.obstacle)};
}

Status check_utf8(std::string_view what, std::string_view word) {
  if (word.size() > kMaxWordBytes) {
    return {Code::kInvalidArgument, std::string(what) + " is longer than 128 KiB"};
  }
  if (valid_utf8(word) != word) {  // not shown: it may be an argument's value
    return {Code::kInvalidArgument, std::string(what) + " is not valid UTF-8"};
  }
  return {};
}

Status check_word(std::string_view what, std::string_view word) {
  KTL_TRY(check_utf8(what, word));
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(word.begin(), word.end(), control)) {
    std::string shown(word);
    std::replace_if(shown.begin(), shown.end(), control, '?');
    return {Code::kInvalidArgument,
            std::string(what) + " holds a newline or another control character: " + shown};
  }
  return {};
}

Result<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "0", "no", "off"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (std::find(kTrue.begin(), kTrue.end(), lower) != kTrue.end()) {
    return true;
  }
  if (std::find(kFalse.begin(), kFalse.end(), lower) != kFalse.end()) {
    return false;
  }
  return Status(Code::kInvalidArgument, "\"" + std::string(text) + "\" is neither true nor false");
}

namespace {

Status invalid(const Option& option, std::string_view value, std::string_view origin,
               const std::string& wanted) {
  std::string from = origin == "flag" ? "" : " (from " + std::string(origin) + ")";
  return {Code::kInvalidArgument, "invalid value \"" + std::string(value) + "\" for --" +
                                      option.name + from + ": " + wanted};
}

}  // namespace

Status check_value(const Option& option, std::string_view value, std::string_view origin) {
  bool pair = option.shape == Shape::kArgs || option.shape == Shape::kLabels;
  std::string what = "the value of --" + option.name;
  KTL_TRY(check_utf8(what, value));
  KTL_TRY(check_word(what, pair ? value.substr(0, value.find('=')) : value));
  if (option.shape == Shape::kBool && !parse_bool(value).ok()) {
    return invalid(option, value, origin, "true or false");
  }
  if (option.shape == Shape::kWords && value.find_first_not_of(", ") == std::string_view::npos) {
    return invalid(option, value, origin, "at least one " + option.name);
  }
  if (option.shape == Shape::kInt && !whole_number(value)) {
    return invalid(option, value, origin, "a whole number");
  }
  const auto& choices = option.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return {};
  }
  std::string wanted;
  for (const std::string& choice : choices) {
    wanted += (wanted.empty() ? "" : ", ") + choice;
  }
  Status status = invalid(option, value, origin, "one of " + wanted);
  std::string near = suggest(std::string(value), choices);
  return near.empty() ? std::move(status) : std::move(status).advise("did you mean " + near + "?");
}

}  // namespace ktl::cli
