#include "redact/masker.h"

#include <algorithm>
#include <utility>

#include "redact/forms.h"
#include "redact/tokens.h"

namespace ktl::redact {
namespace {

constexpr size_t kMostHeld = 8U << 10U;  // longer than any pattern with its line breaks
constexpr size_t kWorthHolding = 4;      // bytes at the end of a line

// Whether a line ends here, fewer than kWorthHolding bytes after a secret may have begun.
bool ends_line_early(std::string_view held) {
  return !held.empty() && held.back() == '\n' && std::ranges::count_if(held, [](char c) {
                                                   return c != '\n' && c != '\r';
                                                 }) < static_cast<std::ptrdiff_t>(kWorthHolding);
}

}  // namespace

size_t Masker::scan_values(std::string_view text) {
  if (values_ == nullptr || text.empty()) {
    return text.size();
  }
  unwrapped_.assign(text);
  raw_.clear();
  const size_t open = values_->scan(unwrapped_.text(), raw_);
  for (const Range& range : raw_) {
    found_.push_back({unwrapped_.original(range.from), unwrapped_.original(range.to - 1) + 1});
  }
  return open == unwrapped_.text().size() ? text.size() : unwrapped_.original(open);
}

void Masker::merge() {
  if (found_.empty()) {
    return;
  }
  std::ranges::sort(found_, {}, &Range::from);
  size_t last = 0;
  for (const Range& range : found_) {
    if (range.from <= found_[last].to) {
      found_[last].to = std::max(found_[last].to, range.to);
    } else {
      found_[++last] = range;
    }
  }
  found_.resize(last + 1);
}

std::span<const Range> Masker::find(std::string_view text) {
  found_.clear();
  PemScan().take(text, 0, found_);
  scan_tokens(text, '\n', found_);
  scan_values(text);
  merge();
  return found_;
}

bool Masker::mask(std::string_view text, std::string& out) {
  if (text.size() < kShortest || find(text).empty()) {
    return false;
  }
  Stream whole;
  emit(whole, text, 0, text.size(), out);
  return true;
}

// Tells text[from, to), with a mask for each secret part of it.
void Masker::emit(Stream& stream, std::string_view text, size_t from, size_t to,
                  std::string& out) const {
  for (const Range& range : found_) {
    if (range.to <= from || range.from >= to) {
      continue;
    }
    if (range.from > from) {
      out.append(text.substr(from, range.from - from));
      stream.masked_ = false;
    }
    out.append(stream.masked_ ? "" : kMask);
    stream.masked_ = true;
    from = std::min(range.to, to);
  }
  if (from < to) {
    out.append(text.substr(from, to - from));
    stream.masked_ = false;
  }
}

// How far the text may be told when a secret may begin at `open`.
size_t Masker::told_until(std::string_view text, size_t open) const {
  const std::string_view held = text.substr(open);
  if (held.size() > kMostHeld || ends_line_early(held)) {
    return text.size();
  }
  size_t told = open;
  for (const Range& range : found_) {
    told = range.from <= told ? std::max(told, range.to) : told;
  }
  return told;
}

void Masker::keep(Stream& stream, std::string_view text, size_t open, size_t told) {
  if (text.size() - open > kMostHeld) {
    open = text.size();
  }
  stream.last_ = open > 0 ? text[open - 1] : stream.last_;
  stream.told_ = told - open;
  stream.ranges_.clear();
  for (const Range& range : found_) {
    if (range.to > open) {
      stream.ranges_.push_back({std::max(range.from, open) - open, range.to - open});
    }
  }
  stream.tail_.clear();
  append(stream.tail_, text.substr(open));
}

bool Masker::feed(Stream& stream, std::string_view piece, std::string& out) {
  std::string_view text = piece;
  const size_t before = stream.tail_.size();
  if (before > 0) {
    append(stream.tail_, piece);
    joined_.swap(stream.tail_);
    text = view_of(joined_);
  }
  found_ = stream.ranges_;
  stream.pem_.take(piece, before, found_);
  const size_t open = std::min(scan_tokens(text, stream.last_, found_), scan_values(text));
  const bool all = open == text.size() || ends_line_early(text.substr(open));
  if (all && found_.empty() && stream.told_ == before) {
    keep(stream, text, open, text.size());
    stream.masked_ = stream.masked_ && piece.empty();
    return false;
  }
  merge();
  const size_t told = std::max(told_until(text, open), stream.told_);
  emit(stream, text, stream.told_, told, out);
  keep(stream, text, open, told);
  return true;
}

void Masker::end(Stream& stream, std::string& out) {
  found_ = stream.ranges_;
  emit(stream, view_of(stream.tail_), stream.told_, stream.tail_.size(), out);
  stream = Stream();
}

}  // namespace ktl::redact
