// A stream of bytes cut into safe lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/render/sanitize.h"

namespace ktl::cli {

constexpr size_t kMostLineBytes = 64U << 10U;  // a longer line is cut into several

// What a program writes over itself with carriage returns becomes a line each, so that nothing is
// hidden; except that of a progress bar, whose steps differ in digits and drawing characters only,
// the last is kept. What comes out does not depend on how the stream was cut into pieces.
//
// One thread at a time. A line that leaves a colour on gets a reset at its end.
class Lines {
 public:
  explicit Lines(bool colours = false) : sanitizer_(colours) {}
  // The lines that `bytes` complete, without their newlines.
  std::vector<std::string> feed(std::string_view bytes);
  // What is left without a newline; none when nothing is.
  std::vector<std::string> flush();
  // The line that is being written: a prompt, a progress bar. Empty when there is none.
  [[nodiscard]] std::string current() const;

 private:
  void end_line(std::vector<std::string>& lines);
  void end_overwritten(std::vector<std::string>& lines);

  Sanitizer sanitizer_;
  std::string overwritten_;  // ended by a carriage return
  std::string open_;
};

}  // namespace ktl::cli
