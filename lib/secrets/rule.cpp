#include "secrets/rule.h"

namespace ktl::secrets {

std::string_view severity_name(Severity severity) {
  return severity == Severity::kBlock ? "block" : "warn";
}

}  // namespace ktl::secrets
