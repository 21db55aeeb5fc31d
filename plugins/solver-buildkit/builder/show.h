// What `ktl builder ls|inspect|du|prune` print: a table for people, a document for programs.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "builder/disk.h"
#include "builder/home.h"

namespace ktl::builder {

// The state of one builder ("ktl.builder-state/1").
json::object describe(const Home& home, const std::string& zone, const std::string& network);

std::string builder_table(const std::vector<json::object>& builders);
std::string builder_lines(const json::object& builder);

// `verb` is "uses" or "removed".
std::string cache_table(const std::vector<CacheRecord>& records, const std::string& verb);
json::object cache_document(const std::vector<CacheRecord>& records);

}  // namespace ktl::builder
