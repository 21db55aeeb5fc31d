#include "secrets/samples.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

#include "secrets/builtin.h"
#include "secrets/rule_file.h"
#include "secrets/scanner.h"

namespace ktl::secrets {
namespace {

struct Kind {
  std::string_view name;
  std::string_view letters;
};

#define KTL_LOWER "abcdefghijklmnopqrstuvwxyz"
#define KTL_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define KTL_DIGITS "0123456789"
constexpr std::array kKinds = {Kind{"alnum", KTL_LOWER KTL_UPPER KTL_DIGITS},
                               Kind{"lower", KTL_LOWER KTL_DIGITS},
                               Kind{"upper", KTL_UPPER KTL_DIGITS},
                               Kind{"base32", KTL_UPPER "234567"},
                               Kind{"alpha", KTL_LOWER KTL_UPPER},
                               Kind{"hex", KTL_DIGITS "abcdef"},
                               Kind{"HEX", KTL_DIGITS "ABCDEF"},
                               Kind{"digit", KTL_DIGITS},
                               Kind{"base64", KTL_LOWER KTL_UPPER KTL_DIGITS "+/"},
                               Kind{"base64url", KTL_LOWER KTL_UPPER KTL_DIGITS "-_"}};
#undef KTL_LOWER
#undef KTL_UPPER
#undef KTL_DIGITS

// The random text that "{kind:count}" at the start of `text` stands for; its length in `taken`.
std::string random_text(std::string_view text, std::mt19937_64& random, size_t& taken) {
  taken = 0;
  const size_t close = text.find('}');
  const size_t colon = text.find(':');
  if (close == std::string_view::npos || colon > close) {
    return {};
  }
  const std::string_view name = text.substr(1, colon - 1);
  const auto* kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& one) { return one.name == name; });
  size_t count = 0;
  const auto read = std::from_chars(text.data() + colon + 1, text.data() + close, count);
  if (kind == kKinds.end() || read.ptr != text.data() + close || count > 10'000) {
    return {};
  }
  std::string made;
  for (size_t i = 0; i < count; ++i) {
    made += kind->letters[random() % kind->letters.size()];
  }
  taken = close + 1;
  return made;
}

bool finds(const Rules& rules, const Samples& samples, std::string_view sample) {
  bool found = false;
  Scanner scanner(rules, [&](const Match& match) { found |= match.rule->id == samples.rule; });
  scanner.begin(samples.path);
  scanner.feed(sample_text(sample, 1));
  scanner.finish();
  if (!samples.path.empty() || rules.find(samples.rule)->regex.empty()) {
    for (const Rule* rule : rules.match_path(samples.path.empty() ? sample : samples.path)) {
      found |= rule->id == samples.rule;
    }
  }
  return found;
}

}  // namespace

std::string sample_text(std::string_view sample, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out;
  for (size_t i = 0; i < sample.size();) {
    size_t taken = 0;
    if (sample[i] == '{') {
      out += random_text(sample.substr(i), random, taken);
    }
    if (taken == 0) {
      out += sample[i++];
    }
    i += taken;
  }
  return out;
}

Result<std::vector<std::string>> failing_samples(std::string_view config, std::string_view file,
                                                 size_t& judged) {
  KTL_ASSIGN(const RuleFile read, read_rule_file(config, file, builtin_rules()));
  KTL_ASSIGN(const Rules rules, Rules::load(config, file));
  std::vector<std::string> failing;
  for (const Samples& samples : read.samples) {
    if (rules.find(samples.rule) == nullptr) {
      continue;  // disabled further down
    }
    for (bool wanted : {true, false}) {
      for (const std::string& sample : wanted ? samples.positive : samples.negative) {
        ++judged;
        if (finds(rules, samples, sample) != wanted) {
          failing.push_back(samples.place + ": " + samples.rule +
                            (wanted ? " does not find: " : " finds: ") + sample);
        }
      }
    }
  }
  return failing;
}

}  // namespace ktl::secrets
