#include "dockerfile/words.h"

#include <utility>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

// Collects one word after another from a text, rune by rune.
class WordReader {
 public:
  WordReader(std::string_view text, char escape)
      : text_(text), escape_(static_cast<unsigned char>(escape)) {}

  std::vector<std::string> read() {
    while (!text_.empty()) {
      const char32_t rune = next();
      if (quote_ != 0) {
        in_quote(rune);
      } else if (is_space(rune)) {
        finish_word();
      } else {
        in_word(rune);
      }
    }
    finish_word();
    return std::move(words_);
  }

 private:
  char32_t next() {
    const Rune rune = decode_rune(text_);
    text_.remove_prefix(rune.width);
    return rune.value;
  }

  void finish_word() {
    if (!word_.empty()) {
      words_.push_back(std::exchange(word_, {}));
    }
  }

  void in_word(char32_t rune) {
    if (rune == '\'' || rune == '"') {
      quote_ = rune;
    }
    add(rune, rune == escape_);
  }

  void in_quote(char32_t rune) {
    if (rune == quote_) {
      quote_ = 0;
    }
    add(rune, rune == escape_ && quote_ != '\'');
  }

  // An escape goes in together with the rune it escapes; one at the very end is dropped.
  void add(char32_t rune, bool escapes) {
    if (escapes && text_.empty()) {
      return;
    }
    append_rune(word_, rune);
    if (escapes) {
      append_rune(word_, next());
    }
  }

  std::string_view text_;
  char32_t escape_;
  char32_t quote_ = 0;
  std::string word_;
  std::vector<std::string> words_;
};

bool is_space_byte(char byte) { return is_space(static_cast<unsigned char>(byte)); }

// One flag word: from text[0] to white space outside quotes, which is not taken.
std::string take_flag_word(std::string_view& text, char escape) {
  std::string word;
  char quote = 0;
  while (!text.empty()) {
    char byte = text[0];
    if (quote == 0 && is_space_byte(byte)) {
      break;
    }
    text.remove_prefix(1);
    if (quote == 0 && (byte == '\'' || byte == '"')) {
      quote = byte;
      continue;
    }
    if (quote != 0 && byte == quote) {
      quote = 0;
      continue;
    }
    if (byte == escape) {
      if (text.empty()) {
        break;
      }
      byte = text[0];
      text.remove_prefix(1);
    }
    append_rune(word, static_cast<unsigned char>(byte));
  }
  return word;
}

Flag to_flag(std::string_view word) {
  const size_t equals = word.find('=');
  Flag flag;
  flag.has_value = equals != std::string_view::npos;
  flag.name = word.substr(2, flag.has_value ? equals - 2 : equals);
  flag.value = flag.has_value ? word.substr(equals + 1) : std::string_view();
  return flag;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text, char escape) {
  return WordReader(text, escape).read();
}

std::vector<Flag> take_flags(std::string_view& text, char escape) {
  std::vector<Flag> flags;
  while (true) {
    while (!text.empty() && is_space_byte(text[0])) {
      text.remove_prefix(1);
    }
    if (!text.starts_with("--")) {
      return flags;
    }
    const std::string word = take_flag_word(text, escape);
    if (word == "--") {
      return flags;
    }
    flags.push_back(to_flag(word));
  }
}

}  // namespace ktl::dockerfile
