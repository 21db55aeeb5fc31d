// Changes Docker's config.json, or another file of its format: what login and logout leave behind.
#pragma once

#include <filesystem>
#include <string>

#include "base/process.h"
#include "base/status.h"
#include "oci/credentials.h"

namespace ktl::oci {

// $DOCKER_CONFIG/config.json, else ~/.docker/config.json. kFailedPrecondition: no home folder.
Result<std::filesystem::path> default_auth_file();

// Where credentials went: the file itself, or the helper that the file names for the registry.
struct Kept {
  std::string helper;  // "docker-credential-pass"; empty: in the file
};

// Keeps `credentials` for `registry`, with the file's helper when it names one, else in "auths",
// base64 as docker has it. The file is replaced in one step with mode 0600; what else it says
// stays. kInvalidArgument: the file is no JSON object.
Result<Kept> keep_credentials(const std::filesystem::path& file, const std::string& registry,
                              const Credentials& credentials,
                              ProcessRunner& processes = system_processes());

// Forgets them everywhere the file knows of. False: there were none.
Result<bool> forget_credentials(const std::filesystem::path& file, const std::string& registry,
                                ProcessRunner& processes = system_processes());

}  // namespace ktl::oci
