#include "redact/matcher.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace ktl::redact {
namespace {

constexpr size_t kGram = 4;
constexpr size_t kStride = kShortest - kGram + 1;

uint32_t gram_at(const char* text) {
  uint32_t gram = 0;
  std::memcpy(&gram, text, sizeof gram);
  return gram;
}

// Fibonacci hashing: the top bits are the mixed ones.
uint32_t mix(uint32_t gram) { return gram * 0x9E3779B1U; }
uint64_t mix(uint64_t key) { return key * 0x9E3779B97F4A7C15U; }

constexpr size_t kKey = kShortest - 1;  // the most bytes of a key

// `text` has 1 to 7 bytes, which and whose number are its key.
uint64_t key_of(std::string_view text) {
  uint64_t key = 0;
  std::memcpy(&key, text.data(), text.size());
  return key | static_cast<uint64_t>(text.size()) << 56U;
}

// The key of the last `size` of the eight bytes that are `last`: little-endian, as all we run on.
uint64_t key_of_end(uint64_t last, size_t size) {
  static_assert(std::endian::native == std::endian::little && kShortest == sizeof last);
  return last >> (64U - 8 * size) | static_cast<uint64_t>(size) << 56U;
}

unsigned shift_for(unsigned width, size_t entries) {
  const auto bits = static_cast<unsigned>(std::bit_width(std::max<size_t>(entries, 2) - 1));
  return width - std::min(bits, 31U);
}

}  // namespace

Matcher::Matcher(PatternSet patterns) : patterns_(std::move(patterns)) {
  add_anchors();
  add_beginnings();
}

void Matcher::add_anchors() {
  const size_t count = patterns_.size() * kStride;
  // 64 bits for an anchor: one look in 64 is in vain.
  table_shift_ = shift_for(32, std::clamp<size_t>(count * 64, 1U << 12U, 1U << 24U));
  table_.assign(size_t{1} << (32 - table_shift_ - 6), 0);
  bucket_shift_ = shift_for(32, count);
  buckets_.assign((size_t{1} << (32 - bucket_shift_)) + 1, 0);
  anchors_.reserve(count);
  for (size_t i = 0; i < patterns_.size(); ++i) {
    for (size_t offset = 0; offset < kStride; ++offset) {
      const uint32_t gram = gram_at(patterns_[i].data() + offset);
      anchors_.push_back({gram, static_cast<uint32_t>(i), static_cast<uint32_t>(offset)});
      const uint32_t bit = mix(gram) >> table_shift_;
      table_[bit >> 6U] |= uint64_t{1} << (bit & 63U);
      ++buckets_[(mix(gram) >> bucket_shift_) + 1];
    }
  }
  for (size_t i = 1; i < buckets_.size(); ++i) {
    buckets_[i] += buckets_[i - 1];
  }
  std::ranges::sort(anchors_, {}, [](const Anchor& anchor) { return mix(anchor.gram); });
}

void Matcher::add_beginnings() {
  const size_t count = patterns_.size() * kKey;
  key_shift_ = shift_for(64, count * 2);
  keys_.assign(size_t{1} << (64 - key_shift_), 0);
  // 32 bits for a key, so that hardly any end of a text is looked up in that much larger table.
  hint_shift_ = shift_for(64, std::clamp<size_t>(count * 32, 64, 1U << 24U));
  hints_.assign(size_t{1} << (64 - hint_shift_ - 6), 0);
  for (size_t i = 0; i < patterns_.size(); ++i) {
    for (size_t size = 1; size <= kKey; ++size) {
      const uint64_t key = key_of(patterns_[i].substr(0, size));
      const uint64_t bit = mix(key) >> hint_shift_;
      hints_[bit >> 6U] |= uint64_t{1} << (bit & 63U);
      uint64_t slot = mix(key) >> key_shift_;
      while (keys_[slot] != 0 && keys_[slot] != key) {
        slot = (slot + 1) & (keys_.size() - 1);
      }
      keys_[slot] = key;
    }
  }
}

bool Matcher::begins(uint64_t key) const {
  const uint64_t bit = mix(key) >> hint_shift_;
  if ((hints_[bit >> 6U] >> (bit & 63U) & 1U) == 0) {
    return false;
  }
  uint64_t slot = mix(key) >> key_shift_;
  while (keys_[slot] != 0 && keys_[slot] != key) {
    slot = (slot + 1) & (keys_.size() - 1);
  }
  return keys_[slot] == key;
}

void Matcher::look(std::string_view text, size_t place, std::vector<Range>& found,
                   size_t& open) const {
  const uint32_t gram = gram_at(text.data() + place);
  const uint32_t bucket = mix(gram) >> bucket_shift_;
  for (uint32_t i = buckets_[bucket]; i < buckets_[bucket + 1]; ++i) {
    const Anchor& anchor = anchors_[i];
    if (anchor.gram != gram || anchor.offset > place) {
      continue;
    }
    const size_t from = place - anchor.offset;
    const std::string_view pattern = patterns_[anchor.pattern];
    const size_t size = std::min(pattern.size(), text.size() - from);
    if (std::memcmp(text.data() + from, pattern.data(), size) != 0) {
      continue;
    }
    if (size == pattern.size()) {
      found.push_back({from, from + size});
    } else {
      open = std::min(open, from);
    }
  }
}

size_t Matcher::scan(std::string_view text, std::vector<Range>& found) const {
  size_t open = text.size();
  const uint64_t* table = table_.data();
  const unsigned shift = table_shift_;
  for (size_t place = 0; place + kGram <= text.size(); place += kStride) {
    const uint32_t bit = mix(gram_at(text.data() + place)) >> shift;
    if ((table[bit >> 6U] >> (bit & 63U) & 1U) != 0) {
      look(text, place, found, open);
    }
  }
  return std::min(open, beginning(text));
}

// Where the longest end of `text` begins that is a beginning shorter than a pattern's anchored
// part.
size_t Matcher::beginning(std::string_view text) const {
  if (text.size() >= kShortest) {
    uint64_t last = 0;
    std::memcpy(&last, text.data() + text.size() - kShortest, kShortest);
    for (size_t size = kKey; size > 0; --size) {
      if (begins(key_of_end(last, size))) {
        return text.size() - size;
      }
    }
    return text.size();
  }
  for (size_t from = 0; from < text.size(); ++from) {
    if (begins(key_of(text.substr(from)))) {
      return from;
    }
  }
  return text.size();
}

}  // namespace ktl::redact
