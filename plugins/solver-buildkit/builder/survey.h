// What `ktl doctor` says about builders, and why a private one cannot run on this machine.
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

// Looks at the private builder if that is what `request` would use, else only at the address;
// starts and changes nothing.
std::vector<Probe> probe_builder(const BuilderRequest& request);

// What a private builder needs of this machine and user, one line each. Tries the kernel where only
// trying tells, in a child that ends at once.
std::vector<Probe> survey_private(const BuilderRequest& request);

// Where docker's daemon listens on this machine: $DOCKER_HOST if that is a unix socket.
std::string docker_socket(const Getenv& getenv);

// kUnavailable with every line of the survey that failed, each with its fix.
Status check_private(const BuilderRequest& request);

}  // namespace ktl::builder
