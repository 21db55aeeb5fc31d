#include "cli/render/sanitize.h"

#include <algorithm>

namespace ktl::cli {
namespace {

constexpr uint32_t kEsc = 0x1B;
constexpr size_t kMaxCsi = 64;       // an SGR with every attribute is shorter
constexpr size_t kMaxString = 4096;  // a longer one was never ended: what follows is text again
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append(uint32_t code, std::string& out) {
  auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// LRE, RLE, PDF, LRO, RLO, the isolates, and the marks (UAX #9).
bool reorders(uint32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x200E || code == 0x200F || code == 0x061C;
}

bool is_sgr(std::string_view parameters) {
  return std::all_of(parameters.begin(), parameters.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == ';' || c == ':'; });
}

bool opens_string(uint32_t code) {
  return code == ']' || code == 'P' || code == 'X' || code == '^' || code == '_';
}

}  // namespace

std::string Sanitizer::feed(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    size_t plain = plain_run(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (!bytes.empty()) {
      byte(static_cast<unsigned char>(bytes[0]), out);
      bytes.remove_prefix(1);
    }
  }
  return out;
}

// Bytes at the front that mean nothing but themselves: most of what is ever logged.
size_t Sanitizer::plain_run(std::string_view bytes) const {
  if (state_ != State::kText || missing_ > 0 || after_return_) {
    return 0;
  }
  // As signed, non-ASCII bytes are below 0x20 as well.
  auto special = [](char c) { return static_cast<signed char>(c) < 0x20 || c == 0x7F; };
  return static_cast<size_t>(std::find_if(bytes.begin(), bytes.end(), special) - bytes.begin());
}

// Decodes UTF-8 (RFC 3629).
void Sanitizer::byte(unsigned char c, std::string& out) {
  if (missing_ > 0 && (c & 0xC0) == 0x80) {
    code_ = code_ << 6 | (c & 0x3F);
    if (--missing_ > 0) {
      return;
    }
    bool valid = code_ >= smallest_ && code_ <= 0x10FFFF && (code_ < 0xD800 || code_ > 0xDFFF);
    character(valid ? code_ : 0xFFFD, out);
    return;
  }
  if (missing_ > 0) {
    missing_ = 0;
    character(0xFFFD, out);
  }
  if (c < 0x80) {
    character(c, out);
  } else if (c >= 0xC2 && c <= 0xF4) {
    missing_ = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    code_ = c & (0x3F >> missing_);
    smallest_ = missing_ == 1 ? 0x80 : missing_ == 2 ? 0x800 : 0x10000;
  } else {
    character(0xFFFD, out);
  }
}

void Sanitizer::enter(State state) {
  state_ = state;
  sequence_.clear();
  length_ = 0;
}

void Sanitizer::character(uint32_t code, std::string& out) {
  if (state_ == State::kText) {
    text(code, out);
  } else if (state_ == State::kEscape || state_ == State::kIntermediate) {
    escape(code);
  } else if (state_ == State::kCsi) {
    csi(code, out);
  } else {
    string(code, out);
  }
}

void Sanitizer::text(uint32_t code, std::string& out) {
  if (after_return_ && code != '\r') {
    out += code == '\n' ? "" : "\r";
    after_return_ = false;
  }
  if (code == '\r') {
    after_return_ = true;
  } else if (code == '\n' || code == 0x2028 || code == 0x2029) {
    out += '\n';
  } else if (code == kEsc) {
    enter(State::kEscape);
  } else if (code == 0x9B) {
    enter(State::kCsi);
  } else if (code >= 0x80 && code < 0xA0) {
    if (opens_string(code - 0x40)) {
      enter(State::kString);
    }
  } else if (code == 0xFFFD) {
    out += kReplacement;
  } else if (code == '\t' || (code >= 0x20 && code != 0x7F && !reorders(code))) {
    append(code, out);
  }
}

void Sanitizer::escape(uint32_t code) {
  if (state_ == State::kEscape && code == '[') {
    enter(State::kCsi);
  } else if (state_ == State::kEscape && opens_string(code)) {
    enter(State::kString);
  } else if (code >= 0x20 && code <= 0x2F) {
    enter(State::kIntermediate);
  } else {
    enter(code == kEsc ? State::kEscape : State::kText);
  }
}

void Sanitizer::csi(uint32_t code, std::string& out) {
  if (code >= 0x40 && code <= 0x7E) {
    if (code == 'm' && colours_ && is_sgr(sequence_)) {
      out += "\x1b[" + sequence_ + "m";
    }
    enter(State::kText);
  } else if (code < 0x20 || code > 0x7E || ++length_ > kMaxCsi) {
    enter(State::kText);
    text(code, out);
  } else {
    sequence_ += static_cast<char>(code);
  }
}

void Sanitizer::string(uint32_t code, std::string& out) {
  bool ended = code == 0x07 || code == 0x18 || code == 0x1A || code == 0x9C ||
               (state_ == State::kStringEscape && code == '\\');
  if (ended) {
    enter(State::kText);
  } else if (code == '\n' || ++length_ > kMaxString) {
    enter(State::kText);
    text(code, out);
  } else {
    state_ = code == kEsc ? State::kStringEscape : State::kString;
  }
}

std::string sanitize(std::string_view text, bool colours) {
  Sanitizer sanitizer(colours);
  std::string safe = sanitizer.feed(text);
  std::replace(safe.begin(), safe.end(), '\r', '\n');
  return safe;
}

std::string one_line(std::string_view text) {
  std::string line = sanitize(text, false);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line;
}

}  // namespace ktl::cli
