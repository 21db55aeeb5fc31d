// Finds many words in one pass over the text: the filter before the expressions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::secrets {

// Words of at least kLeast bytes, found in any case (of ASCII).
//
// At each byte the four that follow are hashed into a table of 64 Ki bits, which fits the first
// level cache; only where its bit is set are the words compared. Vectorscan and re2::Set were
// measured against it (bench/secrets, docs/benchmarks.md).
class Keywords {
 public:
  static constexpr size_t kLeast = 4;

  // `words` get the numbers 0, 1, 2 ...; shorter ones must not be among them.
  explicit Keywords(const std::vector<std::string>& words);

  // Calls found(position, number) for every word that begins in [from, to) and ends within `text`,
  // in order of position.
  template <class Found>
  void find(std::string_view text, size_t from, size_t to, Found&& found) const {
    for (size_t at = next(text, from, to); at < to; at = next(text, at + 1, to)) {
      compare(text, at, found);
    }
  }

 private:
  static constexpr unsigned kBits = 16;
  static uint32_t hash(uint32_t four) {
    return ((four | 0x20202020U) * 0x9E3779B1U) >> (32 - kBits);
  }

  // The next position where a word may begin, `to` when there is none.
  size_t next(std::string_view text, size_t from, size_t to) const;
  [[nodiscard]] bool stands_at(std::string_view text, size_t at, const std::string& word) const;

  template <class Found>
  void compare(std::string_view text, size_t at, Found& found) const {
    const std::vector<uint32_t>& slot = slots_[slot_at(text, at)];
    for (uint32_t number : slot) {
      if (stands_at(text, at, words_[number])) {
        found(at, number);
      }
    }
  }
  [[nodiscard]] size_t slot_at(std::string_view text, size_t at) const;

  std::vector<std::string> words_;  // in lower case
  std::array<uint64_t, (1U << kBits) / 64> bits_{};
  std::vector<std::vector<uint32_t>> slots_;  // by the low bits of the hash
};

}  // namespace ktl::secrets
