// How things look: colours and signs.
#pragma once

#include <string>
#include <string_view>

namespace ktl::cli {

// What the user's terminal can show.
struct Looks {
  bool colours = true;
  bool unicode = true;  // the locale's character set is UTF-8
};

// ECMA-48 SGR parameters.
constexpr std::string_view kGreen = "32";
constexpr std::string_view kRed = "31";
constexpr std::string_view kYellow = "33";
constexpr std::string_view kCyan = "36";
constexpr std::string_view kBold = "1";
constexpr std::string_view kFaint = "2";

// One column each.
struct Signs {
  std::string_view done;
  std::string_view failed;
  std::string_view running;
  std::string_view queued;
  std::string_view log;
  std::string_view transfer;
};
const Signs& signs(const Looks& looks);

// `text` in a colour, or as it is without colours.
std::string paint(const Looks& looks, std::string_view code, std::string_view text);

}  // namespace ktl::cli
