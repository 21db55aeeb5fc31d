// What rules written for docker buildx are asked: its input document, as
// docs.docker.com/build/policies/inputs has it, of one source.
#pragma once

#include <optional>

#include "base/json.h"
#include "base/status.h"

namespace ktl::policy {

// The input for one ktl.question/1 of kind source; nothing for a request, of which such rules know
// nothing.
Result<std::optional<json::object>> buildx_input(const json::value& question);

// That of the context and of the Dockerfile's folder.
json::object buildx_local_input(std::string_view name);

}  // namespace ktl::policy
