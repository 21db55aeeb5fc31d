// What valijson found wrong, in words for the person who wrote the document.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/document/validate.h"

namespace ktl {

// One complaint as valijson gives it: the names and indexes that lead to the value, and its words.
struct Complaint {
  std::vector<std::string> steps;
  std::string description;
};

// At most ten faults, from the root down. Complaints that only repeat what happened below them are
// left out, and so is what stands behind a choice (anyOf, oneOf) of which no branch fits.
std::vector<Fault> faults_of(const json::value& schema, const json::value& document,
                             std::span<const Complaint> complaints);

}  // namespace ktl
