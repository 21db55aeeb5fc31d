#include "recording.h"

#include "http/url.h"
#include "ledger/materials.h"

namespace ktl::solver {
namespace {

// One URL is written in several ways: with its scheme's own port or without.
std::string spelling(const std::string& url) {
  const auto parsed = http::parse_url(url);
  return parsed.ok() ? parsed->str() : url;
}

json::array pairs(const std::map<std::string, std::string>& from, const char* value) {
  json::array list;
  for (const auto& [uri, text] : from) {
    if (list.size() < Recording::kMost) {
      list.push_back({{"uri", uri}, {value, text}});
    }
  }
  return list;
}

}  // namespace

void Recording::note(const Asked& asked) {
  const std::lock_guard lock(mutex_);
  if (sources_.size() + requests_.size() >= kMost) {
    whole_ = false;
  } else if (asked.request) {
    requests_.insert(spelling(asked.identifier));
  } else if (!asked.identifier.starts_with("local://")) {
    sources_.emplace(asked.identifier, asked.platform);
  }
}

void Recording::listed(const std::string& url) {
  const std::lock_guard lock(mutex_);
  requests_.erase(spelling(url));
}

json::object Recording::document(const std::vector<std::string>& provenance) const {
  const std::lock_guard lock(mutex_);
  json::array sources;
  for (const auto& [identifier, platform] : sources_) {
    sources.push_back({{"identifier", identifier}, {"platform", platform}});
  }
  json::array unlisted;
  for (const std::string& url : requests_) {
    unlisted.emplace_back(url);
  }
  return {{"sources", std::move(sources)},
          {"files", pairs(materials_of(provenance), "digest")},
          {"commits", pairs(commits_of(provenance), "commit")},
          {"unlisted", std::move(unlisted)},
          {"whole", whole_}};
}

void merge_recordings(json::object& to, const json::object& from) {
  if (to.empty()) {
    to = from;
    return;
  }
  for (const auto& [key, value] : from) {
    if (!value.is_array()) {
      to[key] = bool_of(to, key) && bool_of(from, key);
      continue;
    }
    for (const json::value& each : value.get_array()) {
      to[key].as_array().push_back(each);
    }
  }
}

bool records(const json::value& plan) {
  const json::value* fence = field_of(plan, "fence");
  return fence != nullptr && text_of(*fence, "network", "open") == "record";
}

}  // namespace ktl::solver
