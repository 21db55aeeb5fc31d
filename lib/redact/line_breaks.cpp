#include "redact/line_breaks.h"

#include <algorithm>

namespace ktl::redact {
namespace {

constexpr std::string_view kBreaks = "\r\n";

size_t next_break(std::string_view text, size_t from) {
  // Two searches that the C library makes fast, instead of one that looks at every byte.
  const size_t line = text.find('\n', from);
  return std::min(text.substr(0, line).find('\r', from), line);
}

}  // namespace

void Unwrapped::assign(std::string_view text) {
  size_ = text.size();
  runs_.clear();
  size_t place = next_break(text, 0);
  const std::string_view end = place == std::string_view::npos ? "" : text.substr(place);
  if (end.empty() || end == "\n" || end == "\r\n") {  // one line, as most texts are
    text_ = text.substr(0, place);
    return;
  }
  joined_.clear();
  for (size_t from = 0; from < text.size(); place = next_break(text, from)) {
    const size_t stop = std::min(place, text.size());
    runs_.push_back({joined_.size(), from});
    append(joined_, text.substr(from, stop - from));
    from = std::min(text.find_first_not_of(kBreaks, stop), text.size());
    const std::string_view gap = text.substr(stop, from - stop);
    if (std::count(gap.begin(), gap.end(), '\n') > 1) {
      runs_.push_back({joined_.size(), from - 1});
      joined_.push_back('\n');
    }
  }
  text_ = view_of(joined_);
}

size_t Unwrapped::original(size_t place) const {
  if (place >= text_.size()) {
    return size_;
  }
  if (runs_.empty()) {
    return place;
  }
  auto run = std::ranges::upper_bound(runs_, place, {}, &Run::here);
  --run;
  return run->there + (place - run->here);
}

}  // namespace ktl::redact
