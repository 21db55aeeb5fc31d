// Everything that one `ktl build` is about to do, known and judged before anything is done.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/ground.h"
#include "cli/render/audience.h"
#include "core/document/request.h"

namespace ktl::cli {

// One build. `settings` made `request`.
struct Job {
  Settings settings;
  Request request;
  const Target* target = nullptr;  // of the ground's project; null: a folder is built
  bool named = true;               // false: built because another target needs it
};

// Names of the jobs whose results are named contexts of `job`.
const std::vector<std::string>& needs_of(const Job& job);

struct Order {
  Settings bootstrap;  // of flags and environment alone
  Ground ground;
  FlagSet flags;          // of ktl and of the plugins in use
  std::vector<Job> jobs;  // at least one, in the order of building
  Looks looks;
  std::string print;                  // --print: request, plan or isolation; empty: build
  std::vector<std::string> warnings;  // about the environment
};

// From the words of the command line, the environment and the files. Nothing is loaded or started.
// Every failure is a mistake of the user's. `more`: flags that a command has besides those of
// `ktl build`; they are in the settings of each job.
Result<Order> take_order(const Invocation& invocation, const std::vector<Option>& more = {});

// -i needs somebody who types: kInvalidArgument when `fd`, standard input, is no terminal, or is
// read as the context or the Dockerfile; and with `print`, which builds nothing.
Status check_terminal(const std::vector<Job>& jobs, const std::string& print, int fd);

// `job`'s request once more, with `results` ("oci-layout://FOLDER@DIGEST" by job name) as what it
// needs.
Request with_results(const Job& job, const std::map<std::string, std::string>& results);

}  // namespace ktl::cli
