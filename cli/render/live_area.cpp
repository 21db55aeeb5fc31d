#include "cli/render/live_area.h"

#include <fmt/format.h>

#include "cli/render/width.h"

namespace ktl::cli {
namespace {

constexpr std::string_view kClearBelow = "\x1b[J";  // also what was typed: "^C"

std::string up(size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}A", lines); }
std::string down(size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}B", lines); }

}  // namespace

std::string LiveArea::redraw(const std::vector<std::string>& above,
                             const std::vector<std::string>& live) const {
  std::string out = up(shown_.size()) + (shown_.empty() ? "" : "\r") + std::string(kClearBelow);
  for (const auto* lines : {&above, &live}) {
    for (const std::string& line : *lines) {
      out += line + "\n";
    }
  }
  return out;
}

std::string LiveArea::change(const std::vector<std::string>& live) const {
  if (live == shown_) {
    return {};
  }
  std::string out = up(shown_.size()) + "\r";
  size_t same = 0;
  for (size_t i = 0; i < live.size(); ++i) {
    if (i < shown_.size() && live[i] == shown_[i]) {
      same += 1;
      continue;
    }
    out += down(same) + live[i] + "\x1b[K\n";
    same = 0;
  }
  return out + down(same) + std::string(kClearBelow);
}

std::string LiveArea::repaint(const std::vector<std::string>& live, Size size) const {
  size_t room = size.rows > live.size() ? size.rows - live.size() - 1 : 0;
  size_t first = past_.size();
  for (size_t used = 0; first > 0; --first) {
    used += 1 + width_of(past_[first - 1]) / std::max<size_t>(size.columns, 1);
    if (used > room) {
      break;
    }
  }
  std::string out = "\x1b[H\x1b[2J";
  for (; first < past_.size(); ++first) {
    out += past_[first] + "\n";
  }
  for (const std::string& line : live) {
    out += line + "\n";
  }
  return out;
}

void LiveArea::remember(const std::vector<std::string>& above, size_t rows) {
  past_.insert(past_.end(), above.begin(), above.end());
  while (past_.size() > rows) {
    past_.pop_front();
  }
}

std::string LiveArea::draw(const std::vector<std::string>& above,
                           const std::vector<std::string>& live, Size size) {
  bool resized = size_ != Size() && size != size_;
  remember(above, size.rows);
  std::string out = resized && !(shown_.empty() && live.empty()) ? repaint(live, size)
                    : above.empty()                              ? change(live)
                                                                 : redraw(above, live);
  shown_ = live;
  size_ = size;
  return out;
}

}  // namespace ktl::cli
