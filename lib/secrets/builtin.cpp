#include "secrets/builtin.h"

#include "secrets/builtin_table.h"
#include "secrets/rule_file.h"

namespace ktl::secrets {

// The unit tests load each file by itself; what does not load is left to them to tell.
std::vector<Rule> builtin_rules() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> rules;
    for (const BuiltinFile& file : builtin_files()) {
      if (auto read = read_rule_file(file.text, file.name, rules); read.ok()) {
        rules = std::move(read->rules);
      }
    }
    return rules;
  }();
  return kRules;
}

}  // namespace ktl::secrets
