#include "secrets/keywords.h"

#include <cstring>

namespace ktl::secrets {
namespace {

constexpr size_t kSlots = 4096;

uint32_t four_at(const char* at) {
  uint32_t four = 0;
  std::memcpy(&four, at, sizeof four);
  return four;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

Keywords::Keywords(const std::vector<std::string>& words) : slots_(kSlots) {
  for (const std::string& word : words) {
    std::string folded;
    for (char c : word) {
      folded += lower(c);
    }
    const uint32_t key = hash(four_at(folded.data()));
    bits_[key / 64] |= 1ULL << (key % 64);
    slots_[key % kSlots].push_back(static_cast<uint32_t>(words_.size()));
    words_.push_back(std::move(folded));
  }
}

size_t Keywords::next(std::string_view text, size_t from, size_t to) const {
  const size_t last = text.size() < kLeast ? 0 : std::min(to, text.size() - kLeast + 1);
  const char* data = text.data();
  const uint64_t* bits = bits_.data();
  auto may_begin = [&](size_t at) {
    const uint32_t key = hash(four_at(data + at));
    return (bits[key / 64] >> (key % 64)) & 1U;
  };
  size_t at = from;
  for (; at + 4 <= last; at += 4) {
    if (may_begin(at) | may_begin(at + 1) | may_begin(at + 2) | may_begin(at + 3)) {
      break;
    }
  }
  for (; at < last; ++at) {
    if (may_begin(at) != 0) {
      return at;
    }
  }
  return to;
}

bool Keywords::stands_at(std::string_view text, size_t at, const std::string& word) const {
  if (text.size() - at < word.size()) {
    return false;
  }
  for (size_t i = 0; i < word.size(); ++i) {
    if (lower(text[at + i]) != word[i]) {
      return false;
    }
  }
  return true;
}

size_t Keywords::slot_at(std::string_view text, size_t at) const {
  return hash(four_at(text.data() + at)) % kSlots;
}

}  // namespace ktl::secrets
