// What `ktl secrets ...` does.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

namespace ktl::secrets {

struct CommandAnswer {
  int exit = 0;
  std::string out;  // for stdout
};

// `args` without "secrets". `note` takes a line of progress; `cancelled` is asked now and then.
// kInvalidArgument and kNotFound: the user asked for something wrong.
Result<CommandAnswer> run_command(const std::vector<std::string>& args,
                                  const std::function<void(const std::string&)>& note,
                                  const std::function<bool()>& cancelled);

}  // namespace ktl::secrets
