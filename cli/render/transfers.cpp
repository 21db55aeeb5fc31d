#include "cli/render/transfers.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/sanitize.h"
#include "cli/render/step_name.h"
#include "cli/render/words.h"

namespace ktl::cli {
namespace {

constexpr int64_t kLeastSpan = 500'000'000;  // a rate over a shorter time says nothing
constexpr int64_t kMostBytes = int64_t{1} << 50U;

int64_t sane(int64_t count) { return std::clamp<int64_t>(count, 0, kMostBytes); }

}  // namespace

void Transfers::note(std::string_view id, int64_t current, int64_t total, bool over,
                     int64_t now_ns) {
  auto found = all_.find(id);
  if (found == all_.end()) {
    if (all_.size() >= kMostTransfers) {
      return;
    }
    found = all_.emplace(id, Transfer{.first = sane(current), .first_ns = now_ns}).first;
  }
  found->second.current = sane(current);
  found->second.total = sane(total);
  found->second.over = over;
}

std::string Transfers::text(int64_t now_ns) const {
  size_t over = 0;
  std::string_view name;
  Transfer sum{.first_ns = now_ns};
  for (const auto& [id, each] : all_) {
    over += each.over ? 1 : 0;
    name = each.over ? name : std::string_view(id);
    sum.current += each.current;
    sum.total += std::max(each.total, each.current);
    sum.first += each.first;
    sum.first_ns = std::min(sum.first_ns, each.first_ns);
  }
  if (over == all_.size()) {
    return {};
  }
  std::string text = all_.size() == 1 ? short_digests(one_line(name))
                                      : fmt::format("{} of {} done", over, all_.size());
  if (sum.current > 0) {
    text += " " + bytes(sum.current);
    text += sum.total > sum.current ? " / " + bytes(sum.total) : "";
  }
  int64_t span = now_ns - sum.first_ns;
  if (span >= kLeastSpan && sum.current > sum.first) {
    double rate = static_cast<double>(sum.current - sum.first) * 1e9 / static_cast<double>(span);
    text += " " + bytes(static_cast<int64_t>(rate)) + "/s";
  }
  return text;
}

int64_t Transfers::bytes_so_far() const {
  int64_t sum = 0;
  for (const auto& [id, each] : all_) {
    sum += each.current;
  }
  return sum;
}

}  // namespace ktl::cli
