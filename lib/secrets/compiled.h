// The rules in the form that the scanner works with. Within lib/secrets only.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "secrets/keywords.h"
#include "secrets/rule.h"

namespace ktl::secrets {

// An RE2 that is compiled when it is first needed: most of the rules never are in a build.
class LazyRegex {
 public:
  explicit LazyRegex(std::string text) : text_(std::move(text)) {}
  const re2::RE2& get() const;

 private:
  std::string text_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<re2::RE2> regex_;
};

// How every expression is compiled: bounded memory, Latin-1 (a stream of bytes is no text that has
// to be valid), no messages on stderr.
re2::RE2::Options regex_options();

// kInvalidArgument with RE2's words when it refuses `text`.
Status check_regex(const std::string& text);

struct CompiledRule {
  explicit CompiledRule(Rule of);
  Rule rule;
  size_t index = 0;  // among the rules
  LazyRegex regex;
  LazyRegex path;
};

// An entry of the allowlist; what is absent allows any.
struct Allowed {
  std::string rule;
  std::string hash;
  std::optional<LazyRegex> path;
  std::optional<LazyRegex> value;
};

class Compiled {
 public:
  Compiled(std::vector<Rule> rules, std::vector<std::unique_ptr<Allowed>> allowed,
           std::string hash_key);

  [[nodiscard]] const std::vector<std::unique_ptr<CompiledRule>>& rules() const { return rules_; }
  [[nodiscard]] const Keywords& keywords() const { return keywords_; }
  // The rules of a keyword, by its number.
  [[nodiscard]] const std::vector<const CompiledRule*>& rules_of(uint32_t keyword) const {
    return by_keyword_[keyword];
  }
  // Rules with an expression and no keyword, which read everything.
  [[nodiscard]] const std::vector<const CompiledRule*>& unfiltered() const { return unfiltered_; }
  [[nodiscard]] bool in_force(const CompiledRule& rule, std::string_view path) const;

  std::vector<std::unique_ptr<Allowed>> allowed;
  std::vector<std::string> expired;
  std::string hash_key;
  std::string digest;

 private:
  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::vector<std::vector<const CompiledRule*>> by_keyword_;
  std::vector<const CompiledRule*> unfiltered_;
  Keywords keywords_;
};

}  // namespace ktl::secrets
