// The rules in force: those of ktl, with what a user's --secrets-config adds, changes, disables and
// allows. The file's format: docs/secrets.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "secrets/rule.h"

namespace ktl::secrets {

class Compiled;

// Immutable once loaded: copies share it, and any thread may use it.
class Rules {
 public:
  // `config` is the text of a --secrets-config file, or empty; `file` is its name for faults, which
  // are kInvalidArgument with "file:line:col". `now` (seconds since 1970, 0: the clock) decides
  // which entries of the allowlist have expired.
  static Result<Rules> load(std::string_view config = {}, std::string_view file = {},
                            int64_t now = 0);

  // sha256 of the effective rules, the allowlist in force and the engine's version: what was
  // judged clean under it need not be read again under the same.
  [[nodiscard]] const std::string& digest() const;

  [[nodiscard]] std::vector<const Rule*> all() const;
  [[nodiscard]] const Rule* find(std::string_view id) const;  // nullptr: no such rule

  // The rules that find the file at `path` ('/' between names) without reading it; those that want
  // to see its content are the Scanner's, if it is told the path.
  [[nodiscard]] std::vector<const Rule*> match_path(std::string_view path) const;

  // One line for each entry of the allowlist that has expired and no longer counts.
  [[nodiscard]] const std::vector<std::string>& expired() const;

  // How an allowlist names a value without containing it: "hmac:" and 32 hex digits, HMAC-SHA256 of
  // rule id, NUL and value under the file's `hash_key` (else a fixed one). Not a key of the user's:
  // an allowlist has to mean the same for everyone who builds the project.
  [[nodiscard]] std::string keyed_hash(const Rule& rule, std::string_view value) const;

  // True when the allowlist lets `value` pass in the file at `path`.
  [[nodiscard]] bool allows(const Rule& rule, std::string_view path, std::string_view value) const;

  // For the Scanner.
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  explicit Rules(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace ktl::secrets
