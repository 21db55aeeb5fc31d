// The last lines of a terminal, drawn again and again; what is above them scrolls away for good.
#pragma once

#include <string>
#include <vector>

namespace ktl::cli {

// Turns frames into the bytes that change the terminal from the last frame to the next. Cursor
// movement is relative (ECMA-48 CUU, ED, EL), so it works wherever on the screen the area stands.
// The cursor rests on the line below the area. One thread at a time.
class LiveArea {
 public:
  // `above`: lines to print once above the area. `live`: the area's lines now, each already cut to
  // the terminal's width. Only lines that differ from the last frame are drawn, unless `above` has
  // lines or the width changed, when all are.
  std::string draw(const std::vector<std::string>& above, const std::vector<std::string>& live,
                   size_t columns);

 private:
  std::string redraw(const std::vector<std::string>& above, const std::vector<std::string>& live);

  std::vector<std::string> shown_;
  size_t columns_ = 0;
};

}  // namespace ktl::cli
