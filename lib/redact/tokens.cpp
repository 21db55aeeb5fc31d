#include "redact/tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace ktl::redact {
namespace {

enum class Alphabet : uint8_t { kAlnum, kWord, kDash, kUrl };  // + "_", + "-", + both

struct Kind {
  std::string_view start;
  Alphabet alphabet;
  size_t least;  // bytes after the start
};

// Sources: the issuers' pages on the formats of their tokens.
constexpr std::array<Kind, 19> kKinds = {{
    {"ghp_", Alphabet::kAlnum, 36},  // GitHub
    {"gho_", Alphabet::kAlnum, 36},       {"ghu_", Alphabet::kAlnum, 36},
    {"ghs_", Alphabet::kAlnum, 36},       {"ghr_", Alphabet::kAlnum, 36},
    {"github_pat_", Alphabet::kWord, 82}, {"glpat-", Alphabet::kUrl, 20},  // GitLab
    {"npm_", Alphabet::kAlnum, 36},       {"pypi-AgEIcHlwaS5vcmc", Alphabet::kUrl, 50},
    {"dckr_pat_", Alphabet::kUrl, 27},  // Docker
    {"xoxb-", Alphabet::kDash, 24},     // Slack
    {"xoxp-", Alphabet::kDash, 24},       {"xoxa-", Alphabet::kDash, 24},
    {"xoxr-", Alphabet::kDash, 24},       {"xoxs-", Alphabet::kDash, 24},
    {"sk_live_", Alphabet::kAlnum, 24},                                  // Stripe
    {"rk_live_", Alphabet::kAlnum, 24},   {"AIza", Alphabet::kUrl, 35},  // Google
    {"hvs.", Alphabet::kUrl, 24},                                        // Vault
}};
constexpr size_t kMostBytes = 255;  // after the start
constexpr size_t kLongestStart = 20;
constexpr size_t kGram = 2;
constexpr size_t kStride = 3;  // every start has at least kGram + kStride - 1 bytes

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool belongs(char c, Alphabet alphabet) {
  return is_alnum(c) || (c == '_' && (alphabet == Alphabet::kWord || alphabet == Alphabet::kUrl)) ||
         (c == '-' && (alphabet == Alphabet::kDash || alphabet == Alphabet::kUrl));
}

uint16_t gram_at(const char* text) {
  uint16_t gram = 0;
  std::memcpy(&gram, text, sizeof gram);
  return gram;
}

uint32_t head_at(const char* text) {
  uint32_t head = 0;
  std::memcpy(&head, text, sizeof head);
  return head;
}

// Which pairs of bytes stand at one of the first three places of a start, and which four bytes may
// be its first: words are full of such pairs.
class Pairs {
 public:
  Pairs() {
    for (const Kind& kind : kKinds) {
      const uint32_t head = hash(head_at(kind.start.data()));
      heads_[head >> 6U] |= uint64_t{1} << (head & 63U);
      for (size_t offset = 0; offset < kStride; ++offset) {
        const uint16_t gram = gram_at(kind.start.data() + offset);
        bits_[gram >> 6U] |= uint64_t{1} << (gram & 63U);
      }
    }
  }
  [[nodiscard]] bool has(uint16_t gram) const {
    return (bits_[gram >> 6U] >> (gram & 63U) & 1U) != 0;
  }
  [[nodiscard]] bool may_start(uint32_t head) const {
    return (heads_[hash(head) >> 6U] >> (hash(head) & 63U) & 1U) != 0;
  }

 private:
  static uint32_t hash(uint32_t head) { return head * 0x9E3779B1U >> 22U; }
  std::array<uint64_t, 1024> bits_{};
  std::array<uint64_t, 16> heads_{};
};

// Every start begins with four bytes that decide most of it.
const Kind* kind_at(std::string_view text) {
  static const std::array<uint32_t, kKinds.size()> heads = [] {
    std::array<uint32_t, kKinds.size()> made{};
    std::ranges::transform(kKinds, made.begin(),
                           [](const Kind& k) { return head_at(k.start.data()); });
    return made;
  }();
  const uint32_t head = head_at(text.data());
  for (size_t i = 0; i < heads.size(); ++i) {
    if (heads[i] == head && text.starts_with(kKinds[i].start)) {
      return &kKinds[i];
    }
  }
  return nullptr;
}

// Where the token that begins at `from` ends.
size_t end_of(std::string_view text, size_t from, const Kind& kind) {
  size_t end = from + kind.start.size();
  const size_t most = std::min(text.size(), end + kMostBytes);
  while (end < most && belongs(text[end], kind.alphabet)) {
    ++end;
  }
  return end;
}

// Where an end of `text` begins that is the beginning of a start.
size_t open_start(std::string_view text, char before) {
  for (size_t from = text.size() - std::min(text.size(), kLongestStart - 1); from < text.size();
       ++from) {
    const std::string_view rest = text.substr(from);
    if (ends_word(from == 0 ? before : text[from - 1]) &&
        std::ranges::any_of(kKinds, [&](const Kind& k) { return k.start.starts_with(rest); })) {
      return from;
    }
  }
  return text.size();
}

}  // namespace

bool ends_word(char c) { return !is_alnum(c) && c != '_'; }

size_t scan_tokens(std::string_view text, char before, std::vector<Range>& found) {
  static const Pairs pairs;
  size_t open = text.size();
  for (size_t place = 0; place + kGram <= text.size(); place += kStride) {
    if (!pairs.has(gram_at(text.data() + place))) {
      continue;
    }
    for (size_t from = place - std::min(place, kStride - 1); from <= place; ++from) {
      if (text.size() - from < sizeof(uint32_t) || !pairs.may_start(head_at(text.data() + from))) {
        continue;
      }
      const Kind* kind = kind_at(text.substr(from));
      if (kind == nullptr || !ends_word(from == 0 ? before : text[from - 1])) {
        continue;
      }
      const size_t end = end_of(text, from, *kind);
      if (end - from >= kind->start.size() + kind->least) {
        found.push_back({from, end});
      }
      if (end == text.size() && end - from < kind->start.size() + kMostBytes) {
        open = std::min(open, from);
      }
    }
  }
  const bool in_line = !text.empty() && text.back() != '\n';
  return in_line ? std::min(open, open_start(text, before)) : open;
}

}  // namespace ktl::redact
