#include "redact/forms.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/json.h"
#include "redact/line_breaks.h"

namespace ktl::redact {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// What an encoder of URLs leaves alone besides letters and digits, and how it writes a space.
struct UrlStyle {
  std::string_view safe;
  std::string_view space;
};
constexpr std::array<UrlStyle, 5> kUrlStyles = {{
    {"-._~", "%20"},                  // RFC 3986, Python, Go's PathEscape nearly
    {"-._~!'()*", "%20"},             // JavaScript's encodeURIComponent
    {"-._~!'()*;,/?:@&=+$#", "%20"},  // JavaScript's encodeURI
    {"-._~$&+:=@", "%20"},            // Go's PathEscape
    {"*-._", "+"},                    // HTML forms
}};

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

uint8_t byte_at(std::string_view text, size_t place) {
  return place < text.size() ? static_cast<uint8_t>(text[place]) : 0;
}

void append_digits(Wiped<char>& out, char c, std::string_view digits) {
  const auto byte = static_cast<uint8_t>(c);
  out.push_back(digits[byte >> 4U]);
  out.push_back(digits[byte & 15U]);
}

// Collects the forms of one piece.
class Forms {
 public:
  explicit Forms(PatternSet& patterns) : patterns_(patterns), first_(patterns.size()) {}

  void plain(std::string_view text) {
    Unwrapped unwrapped;
    unwrapped.assign(text);
    add(unwrapped.text());
  }

  void escaped(std::string_view piece) {
    out_.clear();
    for (char c : piece) {
      escape(c);
    }
    add(view_of(out_));
  }

  void hexadecimal(std::string_view piece, std::string_view digits) {
    out_.clear();
    for (char c : piece) {
      append_digits(out_, c, digits);
    }
    add(view_of(out_));
  }

  // `lead` bytes of something else stand before the piece in the encoded text.
  void base64(std::string_view piece, size_t lead, std::string_view alphabet) {
    out_.clear();
    const size_t first = (lead * 8 + 5) / 6;
    const size_t last = (lead + piece.size()) * 8 / 6;
    for (size_t digit = first; digit < last; ++digit) {
      const size_t bit = digit * 6 - lead * 8;
      const unsigned pair =
          static_cast<unsigned>(byte_at(piece, bit / 8)) << 8U | byte_at(piece, bit / 8 + 1);
      out_.push_back(alphabet[pair >> (10U - bit % 8U) & 63U]);
    }
    add(view_of(out_));
  }

  void url(std::string_view piece, const UrlStyle& style, std::string_view digits) {
    out_.clear();
    for (char c : piece) {
      if (is_alnum(c) || style.safe.find(c) != std::string_view::npos) {
        out_.push_back(c);
      } else if (c == ' ') {
        append(out_, style.space);
      } else {
        out_.push_back('%');
        append_digits(out_, c, digits);
      }
    }
    add(view_of(out_));
  }

 private:
  void add(std::string_view form) {
    if (form.size() >= kShortest) {
      patterns_.add(form, first_);
    }
  }

  void escape(char c) {
    constexpr std::string_view kSpecial = "\"\\\n\r\t\b\f";
    constexpr std::string_view kLetters = "\"\\nrtbf";
    if (const size_t special = kSpecial.find(c); special != std::string_view::npos) {
      out_.push_back('\\');
      out_.push_back(kLetters[special]);
    } else if (static_cast<uint8_t>(c) < 0x20) {
      append(out_, "\\u00");
      append_digits(out_, c, kLower);
    } else {
      out_.push_back(c);
    }
  }

  PatternSet& patterns_;
  const size_t first_;
  Wiped<char> out_;
};

template <class Take>
void for_each_piece(std::string_view value, Take take) {
  if (value.size() <= kPiece) {
    take(value);
    return;
  }
  size_t from = 0;
  for (; from + kPiece < value.size(); from += kPiece - kOverlap) {
    take(value.substr(from, kPiece));
  }
  take(value.substr(value.size() - kPiece));
}

void add_piece(std::string_view piece, PatternSet& patterns) {
  Forms forms(patterns);
  forms.plain(piece);
  forms.escaped(piece);
  forms.hexadecimal(piece, kLower);
  forms.hexadecimal(piece, kUpper);
  for (size_t lead = 0; lead < 3; ++lead) {
    forms.base64(piece, lead, kBase64);
    forms.base64(piece, lead, kBase64Url);
  }
  for (const UrlStyle& style : kUrlStyles) {
    forms.url(piece, style, kUpper);
    forms.url(piece, style, kLower);
  }
}

}  // namespace

std::string_view PatternSet::operator[](size_t index) const {
  const size_t end = index + 1 < starts_.size() ? starts_[index + 1] : bytes_.size();
  return view_of(bytes_).substr(starts_[index], end - starts_[index]);
}

void PatternSet::add(std::string_view pattern, size_t from) {
  for (size_t i = from; i < size(); ++i) {
    if ((*this)[i] == pattern) {
      return;
    }
  }
  starts_.push_back(bytes_.size());
  append(bytes_, pattern);
}

std::string_view trimmed(std::string_view value) {
  const size_t from = std::min(value.find_first_not_of(kSpace), value.size());
  return value.substr(from, value.find_last_not_of(kSpace) + 1 - from);
}

size_t pieces_of(std::string_view value) {
  if (value.size() < kShortest) {
    return 0;
  }
  return value.size() <= kPiece ? 1 : (value.size() - kOverlap - 1) / (kPiece - kOverlap) + 1;
}

void add_forms(std::string_view value, PatternSet& patterns) {
  if (value.size() < kShortest) {
    return;
  }
  for_each_piece(value, [&](std::string_view piece) { add_piece(piece, patterns); });
  if (std::string valid = valid_utf8(value); valid != value) {
    for_each_piece(valid, [&](std::string_view piece) { Forms(patterns).plain(piece); });
    ::explicit_bzero(valid.data(), valid.size());
  }
}

}  // namespace ktl::redact
