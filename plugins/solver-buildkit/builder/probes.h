// What `ktl doctor` says about builders.
#pragma once

#include <string>
#include <vector>

#include "builder/builder.h"

namespace ktl::builder {

// One line of the doctor. status is "PASS", "FAIL" or "SKIP".
struct Probe {
  std::string id;
  std::string status;
  std::string evidence;
  std::string fix;
};

// Looks at the private builder, if `request` would use it; starts and changes nothing.
std::vector<Probe> probe_builder(const BuilderRequest& request);

}  // namespace ktl::builder
