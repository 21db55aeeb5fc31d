// Access tokens that can be told by their beginning alone.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/matcher.h"

namespace ktl::redact {

// What may stand right before a token: anything but a letter, a digit or "_".
bool ends_word(char c);

// Appends the tokens in `text` and returns where the last one begins that might go on after its
// end, or text.size(). `before` is the byte in front of `text`. Only what nobody would write for
// something else: every kind has a marked beginning and a length (the table in tokens.cpp). Tokens
// do not cross lines.
size_t scan_tokens(std::string_view text, char before, std::vector<Range>& found);

}  // namespace ktl::redact
