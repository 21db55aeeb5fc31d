// What a value looks like: is it random, an example, or something that only a program means?
#pragma once

#include <string>
#include <string_view>

#include "secrets/rule.h"

namespace ktl::secrets {

// Shannon entropy of the bytes of `value`, in bits a byte: 0 for "aaaa", 4 for all hex digits.
double entropy(std::string_view value);

// An example out of a documentation or something that stands for a value: "AKIA...EXAMPLE",
// "xxxxxxxx", "<token>", "${TOKEN}", "changeme".
bool is_placeholder(std::string_view value);

// What programs assign to a variable called token or password and is no secret: words, names,
// calls, paths, addresses, numbers.
bool is_code(std::string_view value);

// `value` passes `check`.
bool passes(Check check, std::string_view value);

// `before` is what stands in the match before the value, the result "before...", without control
// characters and at most 60 bytes long.
std::string masked(std::string_view before);

// "hmac:" and 32 hex digits: HMAC-SHA256 (RFC 2104) cut to half.
std::string keyed_hash(std::string_view key, std::string_view rule, std::string_view value);

}  // namespace ktl::secrets
