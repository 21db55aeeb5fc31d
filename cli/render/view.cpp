#include "cli/render/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/width.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

// What is left out first when there is no room: the highest number.
enum Priority : size_t {
  kHead,
  kRunning,
  kTitle,
  kTransfer,
  kLog,     // the last line of a log
  kQueued,  // the lines before it count up from here
  kDone = kQueued + 16
};
constexpr size_t kFewestLogLines = 3;
constexpr size_t kMostLogLines = 12;

enum class What { kStep, kTitle, kTransfer, kLog, kQueued };

// The last lines of a step's log, the unfinished one included; `back` 0 is the very last.
std::string log_line(const Step& step, size_t back) {
  for (const Lines& stream : step.streams) {
    std::string line = stream.current();
    if (!line.empty() && back-- == 0) {
      return line;
    }
  }
  return back < step.tail.size() ? step.tail[step.tail.size() - 1 - back] : std::string();
}

size_t log_lines(const Step& step) {
  size_t open = 0;
  for (const Lines& stream : step.streams) {
    open += stream.current().empty() ? 0 : 1;
  }
  return step.tail.size() + open;
}

bool all_shown(const Group& group) {
  return std::all_of(group.steps.begin(), group.steps.end(),
                     [](const Step* step) { return step->shown; });
}

// `right` unless it would cut `left`.
std::string if_it_fits(const std::string& left, const std::string& right, Size size) {
  return width_of(left) + 1 + width_of(right) < size.columns ? right : "";
}

std::string counted(int number, std::string_view what) {
  return number == 0 ? "" : fmt::format("{} {}", number, what);
}

std::string listed(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() || part.empty() ? "" : ", ") + part;
  }
  return text;
}

}  // namespace

struct View::Row {
  size_t priority;
  What what;
  const Group* group = nullptr;
  const Step* step = nullptr;
  size_t back = 0;                         // of a log line
  std::vector<const Group*> waiting = {};  // groups of which nothing has begun
};

std::string View::aligned(const std::string& left, std::string_view left_colour,
                          const std::string& right, std::string_view right_colour) const {
  size_t columns = std::max<size_t>(size_.columns, 2) - 1;
  size_t taken = right.empty() ? 0 : width_of(right) + 1;
  std::string start = fit(left, columns > taken ? columns - taken : 0);
  size_t gap = columns - std::min(columns, width_of(start) + taken);
  std::string line = paint(looks_, left_colour, start);
  return right.empty() ? line
                       : line + std::string(gap + 1, ' ') +
                             paint(looks_, right_colour, fit(right, columns - 1));
}

std::string View::head(const Groups& groups, int64_t begun_ns) const {
  Tally all;
  for (const Group& group : groups.all()) {
    Tally sum = tally(group);
    all.steps += sum.steps;
    all.finished += sum.finished;
    all.running += sum.running;
    all.cached += sum.cached;
    all.failed += sum.failed;
  }
  std::string left =
      fmt::format("[+] Building {} ({}/{})", span(now_ns_ - begun_ns), all.finished, all.steps);
  std::string right = listed({counted(all.failed, "failed"), counted(all.running, "running"),
                              counted(all.queued(), "queued"), counted(all.cached, "cached")});
  return aligned(left, all.failed > 0 ? kRed : kBold, if_it_fits(left, right, size_), kFaint);
}

std::string View::title(const Group& group) const {
  Tally sum = tally(group);
  std::string cached = counted(sum.cached, "cached");
  std::string right = sum.finished < sum.steps
                          ? listed({fmt::format("{}/{}", sum.finished, sum.steps), cached})
                          : listed({fmt::format("{} step{}", sum.steps, sum.steps == 1 ? "" : "s"),
                                    cached, span(sum.busy_ns)});
  std::string left = " " + group.title;
  return aligned(left, kBold, if_it_fits(left, right, size_), kFaint);
}

std::string View::step_line(const Step& step) const {
  const Signs& sign = signs(looks_);
  std::string name = short_digests(step.name);
  int64_t moved = step.transfers.bytes_so_far();
  std::string size = moved > 0 ? bytes(moved) + " " : "";
  if (step.failed() || step.cancelled()) {
    return aligned(fmt::format(" {} {}", sign.failed, name), step.failed() ? kRed : kFaint,
                   step.failed() ? "ERROR " + span(step.duration_ns()) : "CANCELED", kRed);
  }
  if (!step.completed) {
    return aligned(fmt::format(" {} {}", sign.running, name), kYellow,
                   span(now_ns_ - step.started_ns), kFaint);
  }
  return aligned(fmt::format(" {} {}", sign.done, name), step.place.users ? kGreen : kFaint,
                 step.cached ? "CACHED" : size + span(step.duration_ns()),
                 step.cached ? kCyan : kFaint);
}

// Of one stage that has begun, or of all that have not.
std::string View::queued_line(const Row& row) const {
  int queued = row.group == nullptr ? 0 : tally(*row.group).queued();
  std::string stages;
  for (const Group* group : row.waiting) {
    queued += tally(*group).queued();
    stages += group->title.empty() ? "" : (stages.empty() ? " in " : ", ") + group->title;
  }
  return aligned(fmt::format(" {} {} queued{}", signs(looks_).queued, queued, stages), kFaint, "",
                 "");
}

std::string View::text_of(const Row& row) const {
  const Signs& sign = signs(looks_);
  switch (row.what) {
    case What::kTitle:
      return title(*row.group);
    case What::kQueued:
      return queued_line(row);
    case What::kTransfer:
      return aligned(fmt::format("   {} {}", sign.transfer, row.step->transfers.text(now_ns_)),
                     kCyan, "", "");
    case What::kLog:
      return aligned(
          fmt::format("   {} {}", paint(looks_, kFaint, sign.log), log_line(*row.step, row.back)),
          "", "", "");
    default:
      return step_line(*row.step);
  }
}

void View::collect_running(const Step& step, std::vector<Row>& rows) const {
  rows.push_back({.priority = kRunning, .what = What::kStep, .step = &step});
  if (!step.transfers.text(now_ns_).empty()) {
    rows.push_back({.priority = kTransfer, .what = What::kTransfer, .step = &step});
  }
  size_t most = std::clamp(size_.rows / 4, kFewestLogLines, kMostLogLines);
  for (size_t back = std::min(most, log_lines(step)); back > 0; --back) {
    rows.push_back({.priority = back == 1 ? kLog : kQueued + back - 1,
                    .what = What::kLog,
                    .step = &step,
                    .back = back - 1});
  }
}

void View::collect(const Group& group, std::vector<Row>& rows) const {
  if (!group.title.empty()) {
    rows.push_back({.priority = kTitle, .what = What::kTitle, .group = &group});
  }
  for (const Step* step : group.steps) {
    if (step->running()) {
      collect_running(*step, rows);
    } else if (step->completed && !step->shown) {
      rows.push_back({.priority = kDone, .what = What::kStep, .step = step});
    }
  }
  if (tally(group).queued() > 0) {
    rows.push_back({.priority = kQueued, .what = What::kQueued, .group = &group});
  }
}

std::vector<std::string> View::live(const Groups& groups, int64_t begun_ns) const {
  std::vector<Row> rows;
  Row waiting{.priority = kQueued, .what = What::kQueued};
  for (const Group& group : groups.all()) {
    Tally sum = tally(group);
    if (all_shown(group)) {
      continue;
    }
    if (sum.finished + sum.running > 0) {
      collect(group, rows);
    } else {
      waiting.waiting.push_back(&group);
    }
  }
  if (!waiting.waiting.empty()) {
    rows.push_back(std::move(waiting));
  }
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  // Of finished steps the latest stay, of all others the first.
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    size_t first = rows[a].priority;
    size_t second = rows[b].priority;
    return first != second ? first < second : first == kDone && a > b;
  });
  order.resize(std::min(order.size(), std::max<size_t>(size_.rows, 2) - 2));
  std::sort(order.begin(), order.end());
  std::vector<std::string> lines = {head(groups, begun_ns)};
  for (size_t each : order) {
    lines.push_back(text_of(rows[each]));
  }
  return lines;
}

std::vector<std::string> View::past(const Group& group, bool all) const {
  std::vector<std::string> lines;
  for (const Step* step : group.steps) {
    bool over = step->completed || (all && step->started);
    if (!step->shown && over) {
      lines.push_back(step_line(*step));
    }
  }
  if (!lines.empty() && !group.title.empty()) {
    lines.insert(lines.begin(), title(group));
  }
  return lines;
}

}  // namespace ktl::cli
