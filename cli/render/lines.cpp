#include "cli/render/lines.h"

namespace ktl::cli {
namespace {

std::string closed(std::string line) {
  size_t colour = line.rfind("\x1b[");
  if (colour == std::string::npos) {
    return line;
  }
  std::string_view last = std::string_view(line).substr(colour);
  bool reset = last.starts_with("\x1b[0m") || last.starts_with("\x1b[m");
  return reset ? line : line + "\x1b[0m";
}

}  // namespace

std::vector<std::string> Lines::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (char c : sanitizer_.feed(bytes)) {
    bool boundary = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (c == '\n' || (open_.size() >= kMostLineBytes && boundary)) {
      lines.push_back(closed(std::move(open_)));
      open_.clear();
    }
    if (c != '\n') {
      open_ += c;
    }
  }
  return lines;
}

std::vector<std::string> Lines::flush() {
  if (open_.empty()) {
    return {};
  }
  std::vector<std::string> lines = {closed(std::move(open_))};
  open_.clear();
  return lines;
}

}  // namespace ktl::cli
