// --annotation, --build-context, --call and --interactive-shell.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::cli {

struct Surroundings;

// "[LEVEL[[PLATFORM]][,...]:]KEY=VALUE" as docker buildx reads it, one entry for each level:
// {"manifest[linux/amd64]:KEY": VALUE}; without a level the key stands alone. Levels: manifest,
// index, manifest-descriptor, index-descriptor.
Result<std::map<std::string, std::string>> read_annotation(const std::string& word);

// "NAME=VALUE": a folder (made absolute), docker-image://, oci-layout:// (the folder made
// absolute), or a git or http(s) URL, which the builder fetches.
Result<std::pair<std::string, std::string>> read_build_context(const std::string& word,
                                                               const Surroundings& surroundings);

// "METHOD[,format=text|json][,ignorestatus=BOOL]" as docker buildx reads it: {"method", "format",
// "ignore_status"}. "check" is the frontend's "lint"; "build" is no question: an empty object.
Result<json::object> read_call(const std::string& word);

// A program and its arguments between white space, which quotes ('...', "...") and \ keep within a
// word, as in a shell; nothing is expanded. kInvalidArgument: none, more than 64 or 1 KiB, an open
// quote.
Result<std::vector<std::string>> read_program(const std::string& text);

// True for what the builder fetches itself: http(s)://, git://, ssh://, git@HOST:PATH and
// github.com/...
bool is_remote_context(const std::string& word);

}  // namespace ktl::cli
