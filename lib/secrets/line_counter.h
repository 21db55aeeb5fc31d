// Where in a stream a byte is, in lines and columns. Within lib/secrets only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace ktl::secrets {

struct Place {
  uint64_t line = 1;
  uint64_t column = 1;
};

// Told of every byte once, in order; asked about bytes that it was not yet told of.
class LineCounter {
 public:
  // `text` is what comes next in the stream and is gone afterwards.
  void pass(std::string_view text) {
    lines_ += newlines(text);
    const size_t last = text.rfind('\n');
    column_ = last == std::string_view::npos ? column_ + text.size() : text.size() - last - 1;
  }

  // The place of the byte after `text`, which comes next in the stream.
  [[nodiscard]] Place after(std::string_view text) const {
    LineCounter there = *this;
    there.pass(text);
    return {there.lines_ + 1, there.column_ + 1};
  }

 private:
  static uint64_t newlines(std::string_view text) {
    return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }

  uint64_t lines_ = 0;
  uint64_t column_ = 0;
};

}  // namespace ktl::secrets
