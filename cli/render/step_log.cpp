#include "cli/render/step_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/lines.h"

namespace ktl::cli {
namespace {

constexpr size_t kMostInAll = 32U << 20U;
constexpr size_t kMostSteps = 4096;

}  // namespace

void StepLog::add(std::string_view vertex, std::string_view text) {
  auto found = by_vertex_.find(vertex);
  if (found == by_vertex_.end()) {
    if (by_vertex_.size() >= kMostSteps) {
      return;
    }
    found = by_vertex_.emplace(vertex, Kept{}).first;
  }
  Kept& kept = found->second;
  kept.text += text;
  size_t most = std::min(kMostKept, kMostInAll / by_vertex_.size());
  if (kept.text.size() > 2 * most) {  // seldom: what stays is moved
    size_t extra = kept.text.size() - most;
    kept.text.erase(0, extra);
    kept.dropped += extra;
  }
}

void StepLog::drop(std::string_view vertex) {
  auto found = by_vertex_.find(vertex);
  if (found != by_vertex_.end()) {
    by_vertex_.erase(found);
  }
}

std::vector<std::string> StepLog::lines_of(std::string_view vertex) const {
  auto found = by_vertex_.find(vertex);
  if (found == by_vertex_.end()) {
    return {};
  }
  const Kept& kept = found->second;
  Lines cutter;
  std::vector<std::string> lines = cutter.feed(kept.text);
  for (std::string& line : cutter.flush()) {
    lines.push_back(std::move(line));
  }
  if (kept.dropped > 0) {
    lines.insert(
        lines.begin(),
        fmt::format("({} bytes before this are not kept; --logfile FILE has all)", kept.dropped));
  }
  return lines;
}

}  // namespace ktl::cli
