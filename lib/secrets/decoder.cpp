#include "secrets/decoder.h"

#include <algorithm>
#include <cstring>

namespace ktl::secrets {
namespace {

constexpr size_t kLookAhead = 2048;
constexpr size_t kLookBack = 256;
constexpr size_t kShortestLine = 48;  // of base64 that goes on in the next line

bool ends_word(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>';
}

bool is_escape(std::string_view text, size_t at) {
  return at + 2 < text.size() && is_hex(text.substr(at + 1, 2));
}

}  // namespace

void Decoder::begin() {
  by_ = DecodedBy::kNone;
  start_ = line_start_ = resume_ = escaped_ = 0;
}

void Decoder::read(std::string_view text, size_t from, size_t to, uint64_t base, bool final) {
  read_runs(text, from, to, base, final);
  read_escapes(text, from, to, base);
}

// Padding at the end of a run tells where its groups of four begin; else they begin with it.
void Decoder::start_run(std::string_view text, size_t at, uint64_t base) {
  const size_t end = run_end(text, at, std::min(text.size(), at + kLookAhead));
  const std::string_view run = text.substr(at, end - at);
  const bool hex = is_hex(run);
  by_ = hex ? DecodedBy::kHex : DecodedBy::kBase64;
  bits_.start(hex ? 4 : 6);
  start_ = line_start_ = base + at;
  size_t skip = 0;
  if (!hex && end < text.size() && text[end] == '=') {
    const size_t padding = end + 1 < text.size() && text[end + 1] == '=' ? 2 : 1;
    skip = (run.size() + padding) % 4;
  }
  resume_ = start_ + skip;
}

// Where the run that ended at `end` goes on: in the next line, indented or not. `end` if nowhere.
size_t Decoder::next_line(std::string_view text, size_t end, uint64_t base) const {
  size_t at = end;
  if (base + end - line_start_ < kShortestLine) {
    return end;
  }
  at += at < text.size() && text[at] == '\r' ? 1 : 0;
  if (at >= text.size() || text[at] != '\n') {
    return end;
  }
  ++at;
  while (at < text.size() && at < end + 32 && (text[at] == ' ' || text[at] == '\t')) {
    ++at;
  }
  return at < text.size() && in_base64(text[at]) ? at : end;
}

void Decoder::read_runs(std::string_view text, size_t from, size_t to, uint64_t base, bool final) {
  size_t at = from;
  while (at < to) {
    if (by_ == DecodedBy::kNone) {
      at = next_run(text, at, to);
      if (at >= to) {
        return;
      }
      start_run(text, at, base);
    }
    at = static_cast<size_t>(std::max(resume_, base + at) - base);
    if (at >= to) {
      return;
    }
    const size_t end = run_end(text, at, to);
    out_.clear();
    bits_.decode(text.substr(at, end - at), out_);
    at = end;
    const size_t line = end < to ? next_line(text, end, base) : end;
    const bool last = (end < to && line == end) || (final && end == text.size());
    sink_({by_, out_, last}, start_, base + end);
    if (last) {
      by_ = DecodedBy::kNone;
    } else if (line != end) {
      line_start_ = resume_ = base + line;
      at = line;
    }
  }
}

void Decoder::read_escapes(std::string_view text, size_t from, size_t to, uint64_t base) {
  size_t at = std::max<uint64_t>(base + from, escaped_) - base;
  while (at < to) {
    const void* percent = std::memchr(text.data() + at, '%', to - at);
    if (percent == nullptr) {
      return;
    }
    at = static_cast<size_t>(static_cast<const char*>(percent) - text.data());
    if (!is_escape(text, at)) {
      ++at;
      continue;
    }
    size_t start = at;
    while (start > 0 && at - start < kLookBack && !ends_word(text[start - 1])) {
      --start;
    }
    size_t end = at;
    while (end < text.size() && end - at < kLookAhead && !ends_word(text[end])) {
      ++end;
    }
    const std::string plain = percent_decoded(text.substr(start, end - start));
    sink_({DecodedBy::kUrl, plain, true}, base + start, base + end);
    escaped_ = base + end;
    at = end;
  }
}

}  // namespace ktl::secrets
