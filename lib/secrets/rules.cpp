#include "secrets/rules.h"

#include <algorithm>
#include <ctime>

#include "base/sha256.h"
#include "secrets/builtin.h"
#include "secrets/compiled.h"
#include "secrets/rule_file.h"
#include "secrets/value.h"

namespace ktl::secrets {
namespace {

constexpr std::string_view kEngine = "ktl.secrets/1";  // another one judges differently

std::string written(const Rule& rule) {
  std::string text = rule.id + '\0' + rule.regex + '\0' + rule.path + '\0' +
                     std::string(severity_name(rule.severity)) + '\0' +
                     std::to_string(rule.entropy) + '\0' + std::to_string(rule.before) + '\0' +
                     std::to_string(static_cast<int>(rule.check)) + (rule.word ? "w" : "") + '\0';
  for (const std::string& word : rule.keywords) {
    text += word + '\0';
  }
  return text;
}

std::string digest_of_rules(const std::vector<Rule>& rules, const RuleFile& file) {
  Sha256 sum;
  sum.update(kEngine);
  for (const Rule& rule : rules) {
    sum.update(written(rule));
  }
  sum.update(file.hash_key);
  for (const AllowEntry& entry : file.allow) {
    sum.update(entry.rule + '\0' + entry.path + '\0' + entry.hash + '\0' + entry.regex + '\0');
  }
  return "sha256:" + sum.hex();
}

std::unique_ptr<Allowed> allowed_of(const AllowEntry& entry) {
  auto allowed = std::make_unique<Allowed>();
  allowed->rule = entry.rule;
  allowed->hash = entry.hash;
  if (!entry.path.empty()) {
    allowed->path.emplace(entry.path);
  }
  if (!entry.regex.empty()) {
    allowed->value.emplace(entry.regex);
  }
  return allowed;
}

// Takes the entries out of `file` that no longer count, a line for each.
std::vector<std::string> take_expired(RuleFile& file, int64_t now) {
  std::vector<std::string> lines;
  std::erase_if(file.allow, [&](const AllowEntry& entry) {
    const bool gone = entry.expires != 0 && entry.expires <= now;
    if (gone) {
      lines.push_back(entry.place + ": the exception '" + entry.reason + "' has expired");
    }
    return gone;
  });
  return lines;
}

bool matches(const std::optional<LazyRegex>& regex, std::string_view text) {
  return !regex || re2::RE2::PartialMatch({text.data(), text.size()}, regex->get());
}

}  // namespace

Result<Rules> Rules::load(std::string_view config, std::string_view file, int64_t now) {
  KTL_ASSIGN(RuleFile read, read_rule_file(config, file, builtin_rules()));
  std::vector<std::string> expired =
      take_expired(read, now != 0 ? now : static_cast<int64_t>(std::time(nullptr)));
  std::string digest = digest_of_rules(read.rules, read);
  std::vector<std::unique_ptr<Allowed>> allowed;
  for (const AllowEntry& entry : read.allow) {
    allowed.push_back(allowed_of(entry));
  }
  const std::string key = read.hash_key.empty() ? std::string(kEngine) : read.hash_key;
  auto compiled = std::make_shared<Compiled>(std::move(read.rules), std::move(allowed), key);
  compiled->expired = std::move(expired);
  compiled->digest = std::move(digest);
  return Rules(std::move(compiled));
}

const std::string& Rules::digest() const { return compiled_->digest; }
const std::vector<std::string>& Rules::expired() const { return compiled_->expired; }

std::vector<const Rule*> Rules::all() const {
  std::vector<const Rule*> all;
  for (const auto& rule : compiled_->rules()) {
    all.push_back(&rule->rule);
  }
  return all;
}

const Rule* Rules::find(std::string_view id) const {
  for (const auto& rule : compiled_->rules()) {
    if (rule->rule.id == id) {
      return &rule->rule;
    }
  }
  return nullptr;
}

std::vector<const Rule*> Rules::match_path(std::string_view path) const {
  std::vector<const Rule*> found;
  for (const auto& rule : compiled_->rules()) {
    if (rule->rule.regex.empty() && compiled_->in_force(*rule, path) &&
        !allows(rule->rule, path, path)) {
      found.push_back(&rule->rule);
    }
  }
  return found;
}

std::string Rules::keyed_hash(const Rule& rule, std::string_view value) const {
  return secrets::keyed_hash(compiled_->hash_key, rule.id, value);
}

bool Rules::allows(const Rule& rule, std::string_view path, std::string_view value) const {
  const auto& entries = compiled_->allowed;
  return std::any_of(entries.begin(), entries.end(), [&](const std::unique_ptr<Allowed>& entry) {
    return (entry->rule.empty() || entry->rule == rule.id) && matches(entry->path, path) &&
           matches(entry->value, value) &&
           (entry->hash.empty() || entry->hash == keyed_hash(rule, value));
  });
}

}  // namespace ktl::secrets
