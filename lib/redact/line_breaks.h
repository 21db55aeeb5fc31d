// Text without its line breaks, and the way back: a value is found wherever it was wrapped.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/wiped.h"

namespace ktl::redact {

// One line break, "\n" or "\r\n", disappears, and so does a "\r" alone; an empty line stays as one
// "\n", so that paragraphs do not run into each other. Keeps its memory between uses. Not
// thread-safe.
class Unwrapped {
 public:
  // `text` is borrowed until the next call.
  void assign(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }

  // Where the byte at `place` of text() was in what was assigned; its length for the end.
  [[nodiscard]] size_t original(size_t place) const;

 private:
  struct Run {
    size_t here;
    size_t there;
  };
  std::string_view text_;
  size_t size_ = 0;
  Wiped<char> joined_;
  std::vector<Run> runs_;  // empty: nothing was left out
};

}  // namespace ktl::redact
