#include "core/pipeline/requirements.h"

#include <algorithm>

namespace ktl {
namespace {

// What is known of a control, for people; several lines may speak of one.
std::string known_of(const std::vector<IsolationLine>& lines, const std::string& control) {
  std::string known;
  for (const IsolationLine& line : lines) {
    if (line.control == control) {
      known += (known.empty() ? "" : ", ") + line.value + " (" + line.evidence + ")";
    }
  }
  return known.empty() ? "nothing is known of it" : "it is " + known;
}

bool is_met(const std::vector<IsolationLine>& lines, const std::string& control,
            const std::string& value, Evidence least) {
  return std::ranges::any_of(lines, [&](const IsolationLine& line) {
    const bool enough =
        line.evidence == "probed" || (least == Evidence::kDeclared && line.evidence == "declared");
    return line.control == control && line.value == value && enough;
  });
}

}  // namespace

Status check_required(const std::vector<std::string>& wanted, const std::string& part,
                      const std::vector<IsolationLine>& lines, Evidence least) {
  const std::string prefix = "isolation." + part + ".";
  std::string unmet;
  for (const std::string& demand : wanted) {
    const size_t equals = demand.find('=');
    if (!demand.starts_with(prefix) || equals == std::string::npos) {
      continue;
    }
    const std::string control = demand.substr(prefix.size(), equals - prefix.size());
    if (!is_met(lines, control, demand.substr(equals + 1), least)) {
      unmet += (unmet.empty() ? "" : "; ") + demand + ": " + known_of(lines, control);
    }
  }
  return unmet.empty() ? Status()
                       : Status(Code::kFailedPrecondition, "--require is not met: " + unmet)
                             .advise("`ktl build --print=isolation` shows the whole statement");
}

}  // namespace ktl
