// Puts *** in the place of secrets, in texts that are whole and in texts that come in pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redact/line_breaks.h"
#include "redact/matcher.h"
#include "redact/pem.h"
#include "redact/wiped.h"

namespace ktl::redact {

inline constexpr std::string_view kMask = "***";

// What is known of a text whose end has not come yet. Its bytes are wiped when it goes.
class Stream {
 public:
  // Nothing is held back and nothing would be remembered: as if it were new.
  [[nodiscard]] bool fresh() const { return tail_.empty() && !masked_ && pem_.idle(); }

 private:
  friend class Masker;
  Wiped<char> tail_;           // from where a secret may have begun
  size_t told_ = 0;            // bytes of the tail that are out already, in clear or masked
  std::vector<Range> ranges_;  // parts of the tail that are secret whatever follows
  bool masked_ = false;        // the last byte that is out was masked
  char last_ = '\n';           // the byte before the tail
  PemScan pem_;
};

// Masks registered values (a Matcher) and what is found by its form (tokens.h, pem.h). Secrets
// that overlap or touch become one mask. One thread at a time.
class Masker {
 public:
  // The values to look for from now on; null: none.
  void use(std::shared_ptr<const Matcher> values) { values_ = std::move(values); }

  // The secret parts of a whole text: in order, apart from each other. Valid until the next call.
  std::span<const Range> find(std::string_view text);

  // Appends the masked text to `out`; false: nothing is secret, `out` is as it was.
  bool mask(std::string_view text, std::string& out);

  // The next piece of a text that comes in pieces: appends what can be told of it, and of what was
  // held back, to `out`. Only what may be the beginning of a secret is held back, and of that not
  // the last three bytes of a line: so a line never waits for the next one for the sake of a
  // letter. False: nothing to hide or to hold, the piece goes as it is, `out` is as it was.
  bool feed(Stream& stream, std::string_view piece, std::string& out);

  // The text is over: appends what was held back.
  void end(Stream& stream, std::string& out);

 private:
  size_t scan_values(std::string_view text);
  void merge();
  void emit(Stream& stream, std::string_view text, size_t from, size_t to, std::string& out) const;
  [[nodiscard]] size_t told_until(std::string_view text, size_t open) const;
  void keep(Stream& stream, std::string_view text, size_t open, size_t told);

  std::shared_ptr<const Matcher> values_;
  Unwrapped unwrapped_;
  std::vector<Range> raw_;
  std::vector<Range> found_;
  Wiped<char> joined_;
};

}  // namespace ktl::redact
