// A stream of bytes cut into safe lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/render/sanitize.h"

namespace ktl::cli {

constexpr size_t kMostLineBytes = 64U << 10U;  // a longer line is cut into several

// One thread at a time. A line that leaves a colour on gets a reset at its end.
class Lines {
 public:
  explicit Lines(bool colours = false) : sanitizer_(colours) {}
  // The lines that `bytes` complete, without their newlines.
  std::vector<std::string> feed(std::string_view bytes);
  // What is left without a newline; none when nothing is.
  std::vector<std::string> flush();

 private:
  Sanitizer sanitizer_;
  std::string open_;
};

}  // namespace ktl::cli
