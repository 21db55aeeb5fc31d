// Which schemas ktl accepts, and how it walks them: the part of validate.h that looks at schemas.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// Strings are judged by this many characters and one more; no maxLength may be above it.
inline constexpr size_t kJudgedLength = 1024;

// kInvalidArgument with the JSON pointer of the first thing that is not in the closed list.
Status check_schema_rules(const json::value& schema);

// The schema that `node` stands for: follows "$ref" within `root`. nullptr when there is none.
const json::value* resolved_schema(const json::value& root, const json::value* node);

// The schema of the member `name` (or, in an array, of every element) of a value judged by `node`;
// nullptr when the schema says nothing about it. Does not look behind anyOf and its like.
const json::value* member_schema(const json::value& root, const json::value* node,
                                 std::string_view name, bool in_array);

}  // namespace ktl
