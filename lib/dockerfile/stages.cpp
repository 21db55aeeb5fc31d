#include "dockerfile/stages.h"

#include <algorithm>

#include "base/suggest.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

std::string joined(const std::vector<std::string>& names) {
  constexpr size_t kShown = 20;
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kShown ? out + ", ..." : out;
}

std::string advice_for(std::string_view target, const std::vector<std::string>& names) {
  if (names.empty()) {
    return "no stage has a name; add one with FROM image AS " + std::string(target);
  }
  const std::string guess = did_you_mean(target, names);
  return (guess.empty() ? guess : guess + " ") + "the stages are " + joined(names);
}

}  // namespace

std::vector<std::string> StageGraph::names() const {
  std::vector<std::string> names;
  for (const Stage& stage : stages) {
    if (!stage.name.empty()) {
      names.push_back(stage.name);
    }
  }
  return names;
}

Result<size_t> StageGraph::find(std::string_view target) const {
  if (stages.empty()) {
    return Status(Code::kNotFound, "there are no stages");
  }
  if (target.empty()) {
    return stages.size() - 1;
  }
  const std::string name = to_lower(target);
  const auto found = std::ranges::find(stages.rbegin(), stages.rend(), name, &Stage::name);
  if (found == stages.rend()) {
    return Status(Code::kNotFound, "no stage is called " + std::string(target))
        .advise(advice_for(target, names()));
  }
  return found->index;
}

std::vector<size_t> StageGraph::needed(size_t target) const {
  std::set<size_t> reached = {target};
  std::vector<size_t> open = {target};
  while (!open.empty()) {
    const size_t stage = open.back();
    open.pop_back();
    for (const size_t need : stages[stage].needs) {
      if (reached.insert(need).second) {
        open.push_back(need);
      }
    }
  }
  return {reached.begin(), reached.end()};
}

}  // namespace ktl::dockerfile
