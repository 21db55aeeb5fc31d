// `ktl image`: the images in ktl's own store.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "base/subcommand.h"
#include "oci/kept_images.h"

namespace ktl::export_oci {

// What commands do with an image besides looking at it; see image_actions.h.
struct ImageActions {
  // Each returns the line for stdout.
  std::function<Result<std::string>(const oci::KeptImage&, const std::string& name)> push;
  std::function<Result<std::string>(const oci::KeptImage&)> load;
  std::function<Result<std::string>(const oci::KeptImage&, const std::string& place)> write;
};

// Runs one command on the store at `folder`; the text is for stdout. kInvalidArgument, kNotFound:
// what the user wrote; kUnavailable from prune and rm: a build is using the store.
Result<std::string> run_image_command(const CommandLine& line, const std::string& folder,
                                      const ImageActions& actions);

Result<CommandLine> parse_image_command(const std::vector<std::string>& words);

}  // namespace ktl::export_oci
