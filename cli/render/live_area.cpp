#include "cli/render/live_area.h"

#include <fmt/format.h>

namespace ktl::cli {
namespace {

std::string up(size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}A", lines); }
std::string down(size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}B", lines); }

}  // namespace

std::string LiveArea::redraw(const std::vector<std::string>& above,
                             const std::vector<std::string>& live) {
  std::string out = up(shown_.size()) + (shown_.empty() ? "" : "\r\x1b[J");
  for (const auto* lines : {&above, &live}) {
    for (const std::string& line : *lines) {
      out += line + "\n";
    }
  }
  return out;
}

std::string LiveArea::draw(const std::vector<std::string>& above,
                           const std::vector<std::string>& live, size_t columns) {
  std::string out;
  if (!above.empty() || columns != columns_ || live.size() != shown_.size()) {
    bool same = above.empty() && live.empty() && shown_.empty();
    out = same ? "" : redraw(above, live);
  } else {
    for (size_t i = 0; i < live.size(); ++i) {
      size_t back = live.size() - i;
      if (live[i] != shown_[i]) {
        out += up(back) + "\r" + live[i] + "\x1b[K\r" + down(back);
      }
    }
  }
  shown_ = live;
  columns_ = columns;
  return out;
}

}  // namespace ktl::cli
