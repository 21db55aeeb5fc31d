// "type=...,key=value" records: --cache-from, --cache-to and --output, as docker buildx reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::cli {

struct Surroundings;

// Each is {"type", "attrs"}. "REF[,REF...]" without "=" is type=registry,ref=REF. Unknown types,
// keys and modes are kInvalidArgument; so are keys that would carry a credential, since a command
// line is no place for one. Folders are made absolute.
Result<std::vector<json::object>> read_cache_from(const std::string& word,
                                                  const Surroundings& surroundings);
Result<std::vector<json::object>> read_cache_to(const std::string& word,
                                                const Surroundings& surroundings);

// {"type", "dest", "attrs"}: a folder alone is type=local, "-" alone type=tar. `dest` is absolute,
// "-" for stdout, or empty. kInvalidArgument: unknown types, keys that the type has not, a type
// without the destination it needs.
Result<json::object> read_output(const std::string& word, const Surroundings& surroundings);

// True for the three display modes that --output also takes: auto, tty, logs.
bool is_display_mode(std::string_view word);

}  // namespace ktl::cli
