#include "cli/render/style.h"

#include <fmt/format.h>

namespace ktl::cli {

const Signs& signs(const Looks& looks) {
  static constexpr Signs kUnicode = {"✔", "✘", "▸", "◦", "│", "↳"};
  static constexpr Signs kAscii = {"+", "x", ">", ".", "|", "-"};
  return looks.unicode ? kUnicode : kAscii;
}

std::string paint(const Looks& looks, std::string_view code, std::string_view text) {
  return looks.colours && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text)
                                        : std::string(text);
}

}  // namespace ktl::cli
