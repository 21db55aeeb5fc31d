#include "gateway/places.h"

#include <algorithm>

#include "build_error.h"
#include "ops.pb.h"

namespace ktl::solver {
namespace {

constexpr size_t kMaxSteps = 4096;
constexpr const char* kName = "llb.customname";

}  // namespace

void Places::add(const std::string& definition) {
  pb::Definition graph;
  if (!graph.ParseFromString(definition)) {
    return;
  }
  for (const auto& [digest, metadata] : graph.metadata()) {
    const auto name = metadata.description().find(kName);
    const auto where = graph.source().locations().find(digest);
    if (name == metadata.description().end() || where == graph.source().locations().end() ||
        where->second.locations().empty() || places_.size() >= kMaxSteps) {
      continue;
    }
    const pb::Location& at = where->second.locations(0);
    if (at.sourceindex() < 0 || at.sourceindex() >= graph.source().infos_size() ||
        at.ranges().empty()) {
      continue;
    }
    const pb::SourceInfo& info = graph.source().infos(at.sourceindex());
    Place place{valid_utf8(info.filename()), info.data(), INT64_MAX, 0};
    for (const pb::Range& range : at.ranges()) {
      place.first = std::min<int64_t>(place.first, range.start().line());
      place.last = std::max<int64_t>(place.last, range.end().line());
    }
    places_.emplace(valid_utf8(name->second), std::move(place));
  }
}

json::value Places::source_of(const std::string& step) const {
  const auto found = places_.find(step);
  if (found == places_.end()) {
    return nullptr;
  }
  const Place& place = found->second;
  return source_excerpt(place.file, place.text, place.first, place.last);
}

}  // namespace ktl::solver
