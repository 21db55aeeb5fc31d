// What the live view shows of a build at one moment, in as many lines as there is room for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/render/groups.h"
#include "cli/render/live_area.h"
#include "cli/render/style.h"

namespace ktl::cli {

//   [+] Building 12.3s (9/14)                       2 running, 3 queued, 4 cached
//    build linux/amd64                                               3/6, 1 cached
//    ✔ [build 1/6] FROM docker.io/library/golang:1.22                      CACHED
//    ✔ [build 2/6] COPY go.mod .                                     1.2kB   0.1s
//    ▸ [build 3/6] RUN go build ./...                                        8.2s
//      ↳ sha256:0123456789ab 1.2MB / 3.0MB 400.0kB/s
//      │ the last lines of its log
//    ◦ 3 queued
//
// Nothing is kept: one object, one moment. Lines are at most a column shorter than the terminal.
class View {
 public:
  View(Looks looks, Size size, int64_t now_ns) : looks_(looks), size_(size), now_ns_(now_ns) {}

  // The lines below what has scrolled away: never more than the terminal has rows less one. When
  // room is short, finished steps go first, then logs, then all but the names of running steps.
  [[nodiscard]] std::vector<std::string> live(const Groups& groups, int64_t begun_ns) const;

  // The lines that stay: title and steps of one group, those that were not shown yet. With `all`
  // also the steps that did not finish.
  [[nodiscard]] std::vector<std::string> past(const Group& group, bool all) const;

 private:
  struct Row;
  [[nodiscard]] std::string head(const Groups& groups, int64_t begun_ns) const;
  [[nodiscard]] std::string title(const Group& group) const;
  [[nodiscard]] std::string step_line(const Step& step) const;
  [[nodiscard]] std::string queued_line(const Row& row) const;
  [[nodiscard]] std::string text_of(const Row& row) const;
  [[nodiscard]] std::string aligned(const std::string& left, std::string_view left_colour,
                                    const std::string& right, std::string_view right_colour) const;
  void collect(const Group& group, std::vector<Row>& rows) const;
  void collect_running(const Step& step, std::vector<Row>& rows) const;

  Looks looks_;
  Size size_;
  int64_t now_ns_;
};

}  // namespace ktl::cli
