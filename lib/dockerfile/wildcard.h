// The patterns of ${name#pattern}, ${name%pattern} and ${name/pattern/text}.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "dockerfile/work.h"

namespace ktl::dockerfile {

// A pattern is POSIX's (XCU 2.13) without bracket expressions: `*` any text, `?` one character,
// neither over the end of a line; `\` makes `*`, `?`, `\`, `/` and `}` ordinary and may stand
// before nothing else (kInvalidArgument). All of them cost |pattern| * |value| steps of `work`
// for each place where the pattern is tried.

// `value` without the shortest (or longest) part at its start that the pattern matches.
Result<std::string> strip_prefix(std::string_view pattern, std::string_view value, bool longest,
                                 Work& work);
// The same at the end.
Result<std::string> strip_suffix(std::string_view pattern, std::string_view value, bool longest,
                                 Work& work);

// `value` with its first match replaced by `text`.
Result<std::string> replace_first(std::string_view pattern, std::string_view value,
                                  std::string_view text, Work& work);
// With every match replaced. In `text`, as in the frontend, `$$` is a dollar sign, `$0` the match
// and every other `$name` or `${name}` empty.
Result<std::string> replace_all(std::string_view pattern, std::string_view value,
                                std::string_view text, Work& work);

}  // namespace ktl::dockerfile
