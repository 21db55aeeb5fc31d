// Words into the request's values, one function a shape.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/request/settings.h"

namespace ktl::cli {

// What words refer to besides themselves.
struct Surroundings {
  const Environment& environment;
  std::filesystem::path directory;  // absolute; relative paths start here
};

// The value of `option` for the request document. `setting` was checked by gather().
// kInvalidArgument names what is missing (a variable, a file), never a value.
Result<json::value> convert(const Option& option, const Setting& setting,
                            const Surroundings& surroundings);

// `path` from `directory`, without "." and "..".
std::string absolute(const std::filesystem::path& directory, const std::string& path);
// The same for a word that may be a URL, which stays as it is.
std::string absolute_place(const std::filesystem::path& directory, const std::string& word);

// "a,b" -> a, b. Empty pieces are dropped.
std::vector<std::string> split_commas(std::string_view text);

// One record of comma separated values (RFC 4180: a field may stand in double quotes, which double
// inside), as docker reads --secret and --ssh.
Result<std::vector<std::string>> split_record(std::string_view text);

}  // namespace ktl::cli
