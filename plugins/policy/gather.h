// What a word of --policy names, read for the engine: a folder, a file, a bundle, a URL.
#pragma once

#include <functional>
#include <string>

#include "base/json.h"
#include "base/status.h"

namespace ktl::policy {

// Gets `url` whole, at most `limit` bytes.
using Fetch = std::function<Result<std::string>(const std::string& url, size_t limit)>;

// Whether *_test.rego belongs to it.
enum class Tests { kLeftOut, kTaken };

// One unit for the engine: {name, files: [{path, text}]} or {name, bundle}. Of a folder everything
// below it named *.rego, data.json, data.yaml or data.yml, hidden folders left out; links are
// followed to files below it and nowhere else. At most 2,000 files, 32 folders deep, 32 MiB in all.
// A file is read without following a link when `hostile`. URL@sha256:HEX must have that digest; a
// URL without one is refused. Every failure is kInvalidArgument with the place.
Result<json::object> gather(const std::string& place, Tests tests, const Fetch& fetch,
                            bool hostile = false);

}  // namespace ktl::policy
