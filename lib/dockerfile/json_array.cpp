#include "dockerfile/json_array.h"

#include "base/json.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// Reads strings and the punctuation between them; what it does not know makes it stop.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view text) : text_(text) {}

  // False when the text is anything else than one array of strings.
  bool read(std::vector<std::string>& out) {
    if (!take('[')) {
      return false;
    }
    if (take(']')) {
      return at_end();
    }
    do {
      std::string element;
      if (!take('"') || !read_string(element)) {
        return false;
      }
      out.push_back(std::move(element));
    } while (take(','));
    return take(']') && at_end();
  }

 private:
  void skip_blank() {
    text_.remove_prefix(std::min(text_.find_first_not_of(kBlank), text_.size()));
  }

  bool at_end() {
    skip_blank();
    return text_.empty();
  }

  bool take(char wanted) {
    skip_blank();
    if (text_.empty() || text_[0] != wanted) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  // After the opening quote, to behind the closing one.
  bool read_string(std::string& out) {
    while (!text_.empty()) {
      const Rune rune = decode_rune(text_);
      text_.remove_prefix(rune.width);
      if (rune.value == '"') {
        return true;
      }
      if (rune.value < 0x20) {
        return false;
      }
      if (rune.value != '\\') {
        append_rune(out, rune.value);
      } else if (!read_escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (text_.empty()) {
      return false;
    }
    const char name = text_[0];
    text_.remove_prefix(1);
    if (name == 'u') {
      return read_code_point(out);
    }
    const size_t index = kNames.find(name);
    if (index != std::string_view::npos) {
      out += kValues[index];
    }
    return index != std::string_view::npos;
  }

  bool read_code_point(std::string& out) {
    char32_t first = 0;
    if (!read_hex(first)) {
      return false;
    }
    const bool high = first >= 0xD800 && first <= 0xDBFF;
    const std::string_view before = text_;
    char32_t second = 0;
    if (high && text_.starts_with("\\u")) {
      text_.remove_prefix(2);
      if (read_hex(second) && second >= 0xDC00 && second <= 0xDFFF) {
        append_rune(out, 0x10000 + ((first - 0xD800) << 10U) + (second - 0xDC00));
        return true;
      }
      text_ = before;
    }
    append_rune(out, first);
    return true;
  }

  bool read_hex(char32_t& out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (text_.size() < 4) {
      return false;
    }
    const std::string four = to_lower(text_.substr(0, 4));
    out = 0;
    for (const char digit : four) {
      const size_t value = kDigits.find(digit);
      if (value == std::string_view::npos) {
        return false;
      }
      out = out * 16 + static_cast<char32_t>(value);
    }
    text_.remove_prefix(4);
    return true;
  }

  std::string_view text_;
};

}  // namespace

Result<std::optional<std::vector<std::string>>> parse_json_array(std::string_view text) {
  std::optional<std::vector<std::string>> found;
  text = trim_left(text);
  if (!text.starts_with('[')) {
    return found;
  }
  std::vector<std::string> elements;
  if (ArrayReader(text).read(elements)) {
    found = std::move(elements);
    return found;
  }
  if (parse_json(valid_utf8(text)).ok()) {
    return Status(Code::kInvalidArgument, "the JSON form may hold nothing but strings")
        .advise("write each element in double quotes, without nested arrays");
  }
  return found;
}

}  // namespace ktl::dockerfile
