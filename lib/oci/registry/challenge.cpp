#include "oci/registry/challenge.h"

#include <algorithm>

#include "http/url.h"

namespace ktl::oci {
namespace {

constexpr size_t kMaxChallenges = 16;
constexpr size_t kMaxParams = 16;

// Reads tokens and quoted strings from the front of a header value.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const { return text_.empty(); }

  void skip(std::string_view characters) {
    text_.remove_prefix(std::min(text_.find_first_not_of(characters), text_.size()));
  }
  bool take(char c) {
    bool there = text_.starts_with(c);
    text_.remove_prefix(there ? 1 : 0);
    return there;
  }
  std::string_view token() {
    size_t end = std::min(text_.find_first_of(" \t,=\""), text_.size());
    auto made = text_.substr(0, end);
    text_.remove_prefix(end);
    return made;
  }
  std::string value() {
    if (!take('"')) {
      return std::string(token());
    }
    std::string made;
    while (!text_.empty() && text_.front() != '"') {
      text_.remove_prefix(text_.front() == '\\' && text_.size() > 1 ? 1 : 0);
      made += text_.front();
      text_.remove_prefix(1);
    }
    take('"');
    return made;
  }

 private:
  std::string_view text_;
};

}  // namespace

std::string Challenge::param(const std::string& name) const {
  auto found = params.find(name);
  return found == params.end() ? "" : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> list;
  Reader reader(header);
  while (!reader.done() && list.size() < kMaxChallenges) {
    reader.skip(" \t,");
    std::string name = http::lower(reader.token());
    if (name.empty()) {
      reader.skip("=\"");  // nothing that begins a scheme or a parameter
      continue;
    }
    reader.skip(" \t");
    if (!reader.take('=')) {
      list.push_back({name, {}});
    } else if (!list.empty() && list.back().params.size() < kMaxParams) {
      reader.skip(" \t");
      list.back().params.emplace(name, reader.value());
    } else {
      reader.value();
    }
  }
  return list;
}

Challenge choose_challenge(const http::Headers& headers) {
  Challenge chosen;
  for (const auto& [name, value] : headers) {
    if (name != "www-authenticate") {
      continue;
    }
    for (auto& challenge : parse_challenges(value)) {
      bool better = challenge.scheme == "bearer" && chosen.scheme != "bearer";
      if (better || (challenge.scheme == "basic" && chosen.scheme.empty())) {
        chosen = std::move(challenge);
      }
    }
  }
  return chosen;
}

}  // namespace ktl::oci
