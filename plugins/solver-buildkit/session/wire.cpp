#include "session/wire.h"

#include <algorithm>

namespace ktl::solver {
namespace {

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (char byte : bytes.substr(0, 4)) {
    value = (value << 8U) | static_cast<uint8_t>(byte);
  }
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void append_frame_header(std::string& out, size_t message_size) {
  out.push_back('\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((message_size >> static_cast<unsigned>(shift)) & 0xffU));
  }
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte <= 0x7e && c != '%') {
      out.push_back(c);
    } else {
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string url_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

Status MessageReader::check_header() {
  if (partial_[0] != 0) {
    return {Code::kUnimplemented, "a compressed message, which was not offered"};
  }
  const size_t size = big_endian(std::string_view(partial_).substr(1));
  if (size > kMaxMessage) {
    return {Code::kResourceExhausted,
            "a message of " + std::to_string(size) + " bytes; the limit is 16 MiB"};
  }
  wanted_ = kFrameHeader + size;
  return {};
}

Status MessageReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t take = std::min(wanted_ - partial_.size(), bytes.size());
    partial_.append(bytes.substr(0, take));
    bytes.remove_prefix(take);
    if (partial_.size() == kFrameHeader && wanted_ == kFrameHeader) {
      KTL_TRY(check_header());
    }
    if (partial_.size() >= kFrameHeader && partial_.size() == wanted_) {
      messages_.push_back(partial_.substr(kFrameHeader));
      partial_.clear();
      wanted_ = kFrameHeader;
    }
  }
  return {};
}

std::string MessageReader::pop() {
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace ktl::solver
