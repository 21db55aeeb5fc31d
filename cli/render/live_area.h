// The last lines of a terminal, drawn again and again; what is above them scrolls away for good.
#pragma once

#include <deque>
#include <string>
#include <vector>

namespace ktl::cli {

struct Size {
  size_t columns = 0;
  size_t rows = 0;
  bool operator==(const Size&) const = default;
};

// Turns frames into the bytes that change the terminal from the last frame to the next. Cursor
// movement is relative (ECMA-48 CUU, CUD, ED, EL), so it works wherever on the screen the area
// stands. The cursor rests on the line below the area and is never hidden, so that whatever ends
// the program leaves a terminal that can be used. One thread at a time.
class LiveArea {
 public:
  // `above`: lines to print once above the area. `live`: the area's lines now, each already cut to
  // the terminal's width, and fewer than its rows. Only lines that differ from the last frame are
  // drawn, unless `above` has lines. After a resize nobody knows where the old lines stand, since
  // some terminals wrap them anew: the screen is cleared, and what was last above comes again.
  std::string draw(const std::vector<std::string>& above, const std::vector<std::string>& live,
                   Size size);

 private:
  [[nodiscard]] std::string change(const std::vector<std::string>& live) const;
  [[nodiscard]] std::string redraw(const std::vector<std::string>& above,
                                   const std::vector<std::string>& live) const;
  [[nodiscard]] std::string repaint(const std::vector<std::string>& live, Size size) const;
  void remember(const std::vector<std::string>& above, size_t rows);

  std::vector<std::string> shown_;
  std::deque<std::string> past_;  // the last lines above
  Size size_;
};

}  // namespace ktl::cli
