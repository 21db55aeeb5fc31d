// nsjail's text policies, read with our own schema.
#pragma once

#include <string_view>

#include "base/status.h"
#include "jail/message.h"

namespace ktl::jail {

constexpr size_t kMaxPolicyBytes = 1U << 20U;

// Reads a policy in protobuf's text format. Everything has to be in the schema and of its type; a
// field that may stand once stands once, even with the same value; at most 1 MiB and 10,000 values.
// A fault is kInvalidArgument at "`file`:LINE:COLUMN", with "did you mean" where a word is near.
// [any thread]
Result<Message> parse_policy(std::string_view file, std::string_view text);

// The same policy as text that parse_policy() and nsjail read alike: fields in the schema's order,
// one a line, strings as ASCII with octal escapes. [any thread]
std::string write_policy(const Message& policy);

}  // namespace ktl::jail
