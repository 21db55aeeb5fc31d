#include "redact/pem.h"

#include <algorithm>

namespace ktl::redact {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kPrivate = "PRIVATE KEY";
constexpr uint8_t kDashes = 5;
constexpr uint32_t kMaxBody = 64U << 10U;
constexpr uint32_t kShortWord = 16;
constexpr uint8_t kMaxHeaders = 8;

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Base64, and the backslashes of "\n" in JSON.
bool is_armour(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
         c == '/' || c == '=' || c == '\\';
}

// Where five dashes in a row, or as many of them as have come, may begin: looks at every fifth
// byte.
size_t next_dashes(std::string_view piece, size_t from) {
  for (size_t look = from + kDashes - 1; look < piece.size(); look += kDashes) {
    if (piece[look] == '-') {
      const size_t before = piece.find_last_not_of('-', look);
      const size_t begin = before == std::string_view::npos ? from : std::max(from, before + 1);
      const size_t end = std::min(piece.find_first_not_of('-', look), piece.size());
      if (end - begin >= kDashes || end == piece.size()) {
        return begin;
      }
    }
  }
  const size_t last = piece.find_last_not_of('-');
  return last == std::string_view::npos ? from : std::max(from, last + 1);
}

}  // namespace

void PemScan::take(std::string_view piece, size_t base, std::vector<Range>& found) {
  size_t from = 0;  // of the key in this piece
  bool inside = phase_ == Phase::kBody || phase_ == Phase::kFooter;
  for (size_t i = 0; i < piece.size(); ++i) {
    if (idle()) {
      i = next_dashes(piece, i);
      if (i == piece.size()) {
        return;
      }
    }
    const char c = piece[i];
    switch (phase_) {
      case Phase::kOutside:
        outside(c);
        break;
      case Phase::kName:
        name(c);
        from = i + 1;
        inside = phase_ == Phase::kBody;
        break;
      case Phase::kBody:
      case Phase::kFooter:
        const bool still = phase_ == Phase::kFooter || body(c);
        if (still && phase_ == Phase::kFooter) {
          footer(c);
        }
        if (phase_ == Phase::kOutside) {
          inside = false;
          found.push_back({base + from, base + i + (still ? 1 : 0)});
        }
        break;
    }
  }
  if (inside && from < piece.size()) {
    found.push_back({base + from, base + piece.size()});
  }
}

void PemScan::outside(char c) {
  if (c == kBegin[matched_]) {
    ++matched_;
  } else if (c != '-') {
    matched_ = 0;
  } else if (matched_ != kDashes) {
    matched_ = 1;
  }
  if (matched_ == kBegin.size()) {
    *this = PemScan();
    phase_ = Phase::kName;
  }
}

void PemScan::name(char c) {
  if (c == '-') {
    if (++matched_ == kDashes) {
      const std::string_view label(name_.data(), named_);
      const bool key = label.find(kPrivate) != std::string_view::npos;
      matched_ = 0;
      phase_ = key ? Phase::kBody : Phase::kOutside;
    }
  } else if (matched_ > 0 || named_ == name_.size() ||
             !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ')) {
    *this = PemScan();
  } else {
    name_[named_++] = c;
  }
}

bool PemScan::body(char c) {
  if (++size_ > kMaxBody) {
    *this = PemScan();
    return false;
  }
  if (c == '-' && !header_) {
    if (++matched_ == kDashes) {
      matched_ = 0;
      phase_ = Phase::kFooter;
    }
    return true;
  }
  matched_ = 0;
  if (c == '\n') {
    end_line();
    return phase_ == Phase::kBody;
  }
  if (c == ':' && !armour_ && words_ == 0 && headers_ < kMaxHeaders) {
    header_ = true;
    ++headers_;
  }
  if (is_armour(c)) {
    ++word_;
    longest_ = std::max(longest_, word_);
  } else if (is_space(c)) {
    words_ += word_ > 0 ? 1 : 0;
    word_ = 0;
  } else if (c != '\r' && !header_) {
    *this = PemScan();
    return false;
  }
  return true;
}

void PemScan::end_line() {
  words_ += word_ > 0 ? 1 : 0;
  if (!header_ && words_ > 1 && longest_ < kShortWord) {
    *this = PemScan();
    return;
  }
  armour_ = armour_ || (!header_ && words_ > 0);
  header_ = false;
  word_ = words_ = longest_ = 0;
}

// The footer ends with its second row of dashes, or with its line.
void PemScan::footer(char c) {
  const bool dash = c == '-';
  if (c == '\n' || (dash && named_ > 0 && ++matched_ == kDashes)) {
    *this = PemScan();
  } else if (!dash) {
    named_ = 1;
    matched_ = 0;
  }
}

}  // namespace ktl::redact
