#include "secrets/rule_file.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "secrets/compiled.h"
#include "yaml/yaml.h"

namespace ktl::secrets {
namespace {

constexpr size_t kMostRules = 2000;
constexpr size_t kLongestRegex = 4096;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

class Reader {
 public:
  Reader(const YamlDocument& document, std::string_view file, RuleFile& out)
      : document_(document), file_(file), out_(out) {}

  Status read() {
    if (document_.value.is_null()) {
      return {};
    }
    KTL_TRY(fields(document_.value, "",
                   {"schema", "hash_key", "defaults", "rules", "disable", "allow"}));
    KTL_TRY(text(document_.value, "", "hash_key", out_.hash_key));
    if (!out_.hash_key.empty() && out_.hash_key.size() < 16) {
      return fault("/hash_key", "has to be at least 16 characters");
    }
    if (const json::value* defaults = field_of(document_.value, "defaults"); defaults != nullptr) {
      KTL_TRY(fields(*defaults, "/defaults", {"severity", "before", "word", "check", "fix"}));
      KTL_TRY(settings(*defaults, "/defaults", defaults_));
    }
    KTL_TRY(
        each("rules", [&](const json::value& at, const std::string& p) { return rule(at, p); }));
    KTL_TRY(
        each("disable", [&](const json::value& at, const std::string& p) { return off(at, p); }));
    return each("allow", [&](const json::value& at, const std::string& p) { return allow(at, p); });
  }

 private:
  Status fault(const std::string& pointer, std::string message) const {
    return Status(Code::kInvalidArgument, std::move(message))
        .at(document_.locate(file_, pointer))
        .advise("the format is described in docs/secrets.md");
  }

  template <class Entry>
  Status each(const char* name, Entry&& entry) {
    const json::value* list = field_of(document_.value, name);
    const std::string pointer = std::string("/") + name;
    if (list == nullptr) {
      return {};
    }
    if (!list->is_array() || list->get_array().size() > kMostRules) {
      return fault(pointer, "has to be a list of at most 2000 entries");
    }
    for (size_t i = 0; i < list->get_array().size(); ++i) {
      KTL_TRY(entry(list->get_array()[i], pointer + "/" + std::to_string(i)));
    }
    return {};
  }

  Status fields(const json::value& at, const std::string& pointer,
                std::initializer_list<std::string_view> known) const {
    if (!at.is_object()) {
      return fault(pointer, "has to be a mapping");
    }
    for (const auto& member : at.get_object()) {
      const std::string_view key(member.key().data(), member.key().size());
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return fault(pointer + pointer_step(key), "there is no field '" + std::string(key) + "'");
      }
    }
    return {};
  }

  Status text(const json::value& at, const std::string& pointer, const char* name,
              std::string& into) const {
    if (const json::value* field = field_of(at, name); field != nullptr) {
      if (!field->is_string()) {
        return fault(pointer + "/" + name, std::string("'") + name + "' has to be text");
      }
      into.assign(field->get_string().data(), field->get_string().size());
    }
    return {};
  }

  Status texts(const json::value& at, const std::string& pointer, const char* name,
               std::vector<std::string>& into) const {
    const json::value* field = field_of(at, name);
    if (field == nullptr) {
      return {};
    }
    if (!field->is_array()) {
      return fault(pointer + "/" + name, std::string("'") + name + "' has to be a list of texts");
    }
    into.clear();
    for (const json::value& entry : field->get_array()) {
      if (!entry.is_string()) {
        return fault(pointer + "/" + name, std::string("'") + name + "' has to be a list of texts");
      }
      into.emplace_back(entry.get_string().data(), entry.get_string().size());
    }
    return {};
  }

  Status regex(const json::value& at, const std::string& pointer, const char* name,
               std::string& into) const {
    KTL_TRY(text(at, pointer, name, into));
    if (field_of(at, name) == nullptr || into.empty()) {
      return {};
    }
    if (into.size() > kLongestRegex) {
      return fault(pointer + "/" + name, "the expression is longer than 4096 characters");
    }
    Status refused = check_regex(into);
    return refused.ok() ? refused
                        : std::move(refused).at(document_.locate(file_, pointer + "/" + name));
  }

  Status chosen(const json::value& at, const std::string& pointer, const char* name,
                std::initializer_list<std::string_view> words, size_t& index) const {
    std::string word;
    KTL_TRY(text(at, pointer, name, word));
    if (field_of(at, name) == nullptr) {
      return {};
    }
    const auto* found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
      std::string all;
      for (std::string_view one : words) {
        all += (all.empty() ? "" : ", ") + std::string(one);
      }
      return fault(pointer + "/" + name, "'" + word + "' is none of: " + all);
    }
    index = static_cast<size_t>(found - words.begin());
    return {};
  }

  Status number(const json::value& at, const std::string& pointer, const char* name, double most,
                double& into) const {
    const json::value* field = field_of(at, name);
    if (field == nullptr) {
      return {};
    }
    boost::system::error_code error;
    into = field->to_number<double>(error);
    if (error || into < 0 || into > most) {
      return fault(pointer + "/" + name, std::string("'") + name +
                                             "' has to be a number from 0 to " +
                                             std::to_string(static_cast<int>(most)));
    }
    return {};
  }

  Status settings(const json::value& at, const std::string& pointer, Rule& rule) const {
    auto severity = static_cast<size_t>(rule.severity);
    auto check = static_cast<size_t>(rule.check);
    double before = rule.before;
    KTL_TRY(chosen(at, pointer, "severity", {"warn", "block"}, severity));
    KTL_TRY(chosen(at, pointer, "check", {"none", "placeholder", "assigned"}, check));
    KTL_TRY(number(at, pointer, "before", 256, before));
    KTL_TRY(text(at, pointer, "fix", rule.fix));
    if (const json::value* word = field_of(at, "word"); word != nullptr && !word->is_bool()) {
      return fault(pointer + "/word", "'word' has to be true or false");
    }
    rule.word = bool_of(at, "word", rule.word);
    rule.severity = static_cast<Severity>(severity);
    rule.check = static_cast<Check>(check);
    rule.before = static_cast<uint32_t>(before);
    return {};
  }

  Status rule(const json::value& at, const std::string& pointer) {
    KTL_TRY(fields(at, pointer,
                   {"id", "description", "fix", "severity", "keywords", "regex", "entropy",
                    "before", "word", "check", "path", "positive", "negative", "sample_path"}));
    std::string id;
    KTL_TRY(text(at, pointer, "id", id));
    if (!is_id(id)) {
      return fault(pointer, "a rule needs an 'id' of lower-case letters, digits and dashes");
    }
    auto known = std::find_if(out_.rules.begin(), out_.rules.end(),
                              [&](const Rule& rule) { return rule.id == id; });
    Rule made = known != out_.rules.end() ? *known : defaults_;
    made.id = id;
    KTL_TRY(settings(at, pointer, made));
    KTL_TRY(text(at, pointer, "description", made.description));
    KTL_TRY(texts(at, pointer, "keywords", made.keywords));
    KTL_TRY(number(at, pointer, "entropy", 8, made.entropy));
    KTL_TRY(regex(at, pointer, "regex", made.regex));
    KTL_TRY(regex(at, pointer, "path", made.path));
    KTL_TRY(sense(made, pointer));
    KTL_TRY(samples(at, pointer, id));
    if (known != out_.rules.end()) {
      *known = std::move(made);
    } else {
      out_.rules.push_back(std::move(made));
    }
    return {};
  }

  Status sense(const Rule& rule, const std::string& pointer) const {
    if (rule.description.empty()) {
      return fault(pointer, "the rule '" + rule.id + "' needs a 'description'");
    }
    if (rule.regex.empty() && rule.path.empty()) {
      return fault(pointer, "the rule '" + rule.id + "' needs a 'regex' or a 'path'");
    }
    for (const std::string& word : rule.keywords) {
      if (word.size() < Keywords::kLeast || word.size() > 64) {
        return fault(pointer + "/keywords",
                     "the keyword '" + word + "' has to have 4 to 64 characters");
      }
    }
    return {};
  }

  Status samples(const json::value& at, const std::string& pointer, const std::string& id) {
    Samples samples;
    samples.rule = id;
    samples.place = document_.locate(file_, pointer);
    KTL_TRY(texts(at, pointer, "positive", samples.positive));
    KTL_TRY(texts(at, pointer, "negative", samples.negative));
    KTL_TRY(text(at, pointer, "sample_path", samples.path));
    out_.samples.push_back(std::move(samples));
    return {};
  }

  Status off(const json::value& at, const std::string& pointer) {
    const std::string id = at.is_string() ? std::string(at.get_string().c_str()) : "";
    if (std::erase_if(out_.rules, [&](const Rule& rule) { return rule.id == id; }) == 0) {
      return fault(pointer, "there is no rule '" + id + "' to disable");
    }
    return {};
  }

  Status allow(const json::value& at, const std::string& pointer) {
    KTL_TRY(fields(at, pointer, {"rule", "path", "hash", "regex", "reason", "expires"}));
    AllowEntry entry;
    std::string expires;
    KTL_TRY(text(at, pointer, "rule", entry.rule));
    KTL_TRY(regex(at, pointer, "path", entry.path));
    KTL_TRY(text(at, pointer, "hash", entry.hash));
    KTL_TRY(regex(at, pointer, "regex", entry.regex));
    KTL_TRY(text(at, pointer, "reason", entry.reason));
    KTL_TRY(text(at, pointer, "expires", expires));
    entry.place = document_.locate(file_, pointer);
    if (entry.rule.empty() && entry.path.empty() && entry.hash.empty() && entry.regex.empty()) {
      return fault(pointer,
                   "the exception would allow everything: name a rule, path, hash or regex");
    }
    if (entry.reason.empty()) {
      return fault(pointer, "an exception needs a 'reason'");
    }
    const bool exists = std::any_of(out_.rules.begin(), out_.rules.end(),
                                    [&](const Rule& rule) { return rule.id == entry.rule; });
    if (!entry.rule.empty() && !exists) {
      return fault(pointer + "/rule", "there is no rule '" + entry.rule + "'");
    }
    KTL_TRY(date(expires, pointer, entry.expires));
    out_.allow.push_back(std::move(entry));
    return {};
  }

  // The first second of the day `text`, YYYY-MM-DD in UTC.
  Status date(const std::string& text, const std::string& pointer, int64_t& seconds) const {
    std::tm day{};
    if (text.empty()) {
      return {};
    }
    const char* end = strptime(text.c_str(), "%Y-%m-%d", &day);
    if (text.size() != 10 || end == nullptr || *end != '\0') {
      return fault(pointer + "/expires", "'expires' has to be a day like 2027-01-31");
    }
    seconds = timegm(&day);
    return {};
  }

  const YamlDocument& document_;
  std::string_view file_;
  RuleFile& out_;
  Rule defaults_;
};

}  // namespace

Result<RuleFile> read_rule_file(std::string_view text, std::string_view file,
                                std::vector<Rule> rules) {
  RuleFile read;
  read.rules = std::move(rules);
  if (!text.empty()) {
    KTL_ASSIGN(const YamlDocument document, parse_yaml(text, file));
    KTL_TRY(Reader(document, file, read).read());
  }
  return read;
}

}  // namespace ktl::secrets
