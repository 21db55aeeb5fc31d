// What a word given as a flag's value may be, wherever it came from.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/options/option.h"

namespace ktl::cli {

constexpr size_t kMaxWordBytes = 128U << 10U;  // what execve(2) allows for one word

// Refuses bytes that are not UTF-8 and words over kMaxWordBytes; `what` names the word's role.
Status check_utf8(std::string_view what, std::string_view word);

// Refuses control characters (newlines, escapes) as well.
Status check_word(std::string_view what, std::string_view word);

// Refuses a value outside the option's choices or unfit for its shape. Only the value of a K=V may
// hold newlines. `origin` ("flag", "env NAME", "FILE:LINE:COL") is named in the failure.
Status check_value(const Option& option, std::string_view value, std::string_view origin);

// Why an option that is known from the documents only cannot be used; `subject` begins the
// sentence.
Status not_built(const Option& option, const std::string& subject);

// true, 1, yes, on, false, 0, no, off in any case; anything else is a failure.
Result<bool> parse_bool(std::string_view text);

}  // namespace ktl::cli
