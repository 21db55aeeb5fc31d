// --secret and --ssh: where values are, not what they are.
#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"

namespace ktl::cli {

struct Surroundings;

constexpr size_t kMaxSecretBytes = 500U << 10U;  // what BuildKit takes for one secret

// "NAME" (a variable of the environment) or "id=ID[,src=FILE][,env=NAME][,type=file|env]", the keys
// of docker buildx: without src and env, the variable ID or else the file ID. The result is
// {"id", "src"} or {"id", "env"}. A variable that is not set, or a file that cannot be read, is no
// regular file or too large, is kInvalidArgument naming it; a value is never shown.
Result<json::object> read_secret(const std::string& word, const Surroundings& surroundings);

// "ID" (the agent at $SSH_AUTH_SOCK) or "ID=PATH" (an agent's socket or a key file), as docker
// buildx reads it. The result is {"id", "src"}, src empty for the agent of the environment.
Result<json::object> read_ssh(const std::string& word, const Surroundings& surroundings);

}  // namespace ktl::cli
