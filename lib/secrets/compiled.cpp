#include "secrets/compiled.h"

#include <map>

namespace ktl::secrets {
namespace {

std::vector<std::string> words_of(const std::vector<Rule>& rules) {
  std::map<std::string, int> words;
  for (const Rule& rule : rules) {
    for (const std::string& word : rule.keywords) {
      words.emplace(word, 0);
    }
  }
  std::vector<std::string> all;
  for (const auto& [word, _] : words) {
    all.push_back(word);
  }
  return all;
}

}  // namespace

const re2::RE2& LazyRegex::get() const {
  std::call_once(once_, [this] { regex_ = std::make_unique<re2::RE2>(text_, regex_options()); });
  return *regex_;
}

re2::RE2::Options regex_options() {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(4 << 20);
  return options;
}

Status check_regex(const std::string& text) {
  const re2::RE2 regex(text, regex_options());
  if (!regex.ok()) {
    return Status(Code::kInvalidArgument, "the expression is refused: " + regex.error())
        .advise("expressions are RE2's: no back-references, no look-around");
  }
  return {};
}

CompiledRule::CompiledRule(Rule of) : rule(std::move(of)), regex(rule.regex), path(rule.path) {}

Compiled::Compiled(std::vector<Rule> rules, std::vector<std::unique_ptr<Allowed>> may,
                   std::string key)
    : allowed(std::move(may)), hash_key(std::move(key)), keywords_(words_of(rules)) {
  std::map<std::string, uint32_t> numbers;
  for (const std::string& word : words_of(rules)) {
    numbers.emplace(word, static_cast<uint32_t>(numbers.size()));
  }
  by_keyword_.resize(numbers.size());
  for (Rule& rule : rules) {
    rules_.push_back(std::make_unique<CompiledRule>(std::move(rule)));
    rules_.back()->index = rules_.size() - 1;
    const CompiledRule* made = rules_.back().get();
    for (const std::string& word : made->rule.keywords) {
      by_keyword_[numbers[word]].push_back(made);
    }
    if (made->rule.keywords.empty() && !made->rule.regex.empty()) {
      unfiltered_.push_back(made);
    }
  }
}

bool Compiled::in_force(const CompiledRule& rule, std::string_view path) const {
  return rule.rule.path.empty() ||
         re2::RE2::PartialMatch({path.data(), path.size()}, rule.path.get());
}

}  // namespace ktl::secrets
