#include "dockerfile/circle.h"

#include <algorithm>

namespace ktl::dockerfile {
namespace {

// How many needs of each stage stay open when stages whose needs are all met are taken away, one
// after another. What is left with open needs is in a circle or needs one.
std::vector<size_t> open_needs(std::span<const Stage> stages) {
  std::vector<size_t> open(stages.size());
  std::vector<std::vector<size_t>> users(stages.size());
  std::vector<size_t> met;
  for (size_t i = 0; i < stages.size(); ++i) {
    open[i] = stages[i].needs.size();
    for (const size_t need : stages[i].needs) {
      users[need].push_back(i);
    }
    if (open[i] == 0) {
      met.push_back(i);
    }
  }
  for (size_t i = 0; i < met.size(); ++i) {
    for (const size_t user : users[met[i]]) {
      if (--open[user] == 0) {
        met.push_back(user);
      }
    }
  }
  return open;
}

}  // namespace

std::vector<size_t> find_circle(std::span<const Stage> stages) {
  const auto open = open_needs(stages);
  const auto is_open = [&open](size_t stage) { return open[stage] > 0; };
  const auto first = std::ranges::find_if(open, [](size_t needs) { return needs > 0; });
  if (first == open.end()) {
    return {};
  }
  // From an open stage there is always a way to another one, until one comes for the second time.
  std::vector<size_t> path;
  auto at = static_cast<size_t>(first - open.begin());
  while (std::ranges::find(path, at) == path.end()) {
    path.push_back(at);
    at = *std::ranges::find_if(stages[at].needs, is_open);
  }
  path.erase(path.begin(), std::ranges::find(path, at));
  return path;
}

}  // namespace ktl::dockerfile
