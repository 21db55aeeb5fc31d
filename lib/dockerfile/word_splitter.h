// White space decides where a word ends, unless it was quoted.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dockerfile/text.h"

namespace ktl::dockerfile {

// Splits while the text is made. The word under way lives outside, in `buffer`: the word inside
// ${name:-word} starts it anew, which the frontend does too.
class WordSplitter {
 public:
  explicit WordSplitter(std::string& buffer) : buffer_(buffer) { buffer_.clear(); }

  void add_raw(char32_t rune) {
    append_rune(buffer_, rune);
    in_word_ = true;
  }
  void add_raw(std::string_view text) {
    buffer_ += text;
    in_word_ = true;
  }
  void add(char32_t rune) {
    if (!is_space(rune)) {
      add_raw(rune);
    } else if (in_word_ && !buffer_.empty()) {
      words_.push_back(std::exchange(buffer_, {}));
      in_word_ = false;
    }
  }
  void add(std::string_view text) {
    while (!text.empty()) {
      const Rune rune = decode_rune(text);
      add(rune.value);
      text.remove_prefix(rune.width);
    }
  }
  std::vector<std::string> take() {
    if (!buffer_.empty()) {
      words_.push_back(std::exchange(buffer_, {}));
    }
    return std::move(words_);
  }

 private:
  std::string& buffer_;
  std::vector<std::string> words_;
  bool in_word_ = false;
};

}  // namespace ktl::dockerfile
