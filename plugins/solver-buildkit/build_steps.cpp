// The RUN steps of a fenced build, by digests that its ledger knows.
#include <algorithm>
#include <set>

#include "base/clock.h"
#include "build.h"
#include "ledger/content_digests.h"
#include "ledger/materials.h"
#include "lock/lock_file.h"

namespace ktl::solver {
namespace {

constexpr int64_t kLedgerReads = 64 << 20;  // bytes of new files that are read for it
// How long the end of a step may come later than that of all: another stream tells it.
constexpr int64_t kStatusGraceNs = 300'000'000;

}  // namespace

// Where the builder holds steps to something, a step from the cache has to be known.
bool Build::shows_steps() const {
  const json::value* fence = field_of(plan_, "fence");
  const std::string_view network = fence == nullptr ? "" : text_of(*fence, "network", "open");
  return network != "open" && attended_ && attended_->ended() && attended_->ended()->status.ok() &&
         steps_shown_ != Shown::kAllowed && !(watch_ && watch_->refusal());
}

void Build::learn_runs() {
  if (runs_ || !attended_) {
    return;
  }
  runs_.emplace();
  FileDigests files(ways_.cache / "file-digests", kLedgerReads);
  ContentDigests content(folders_, files, began_ns_);
  auto digest = [&content](const ledger::Selection& selection) {
    return content.digest_of(selection);
  };
  for (const std::string& definition : attended_->definitions()) {
    places_.add(definition);
    if (auto runs = planned_runs(definition, digest); runs.ok()) {
      runs_->insert(runs_->end(), runs->begin(), runs->end());
    } else {  // then nothing of it is known, and nothing of it counts as run
      runs_->push_back({"", "", true});
    }
  }
  [[maybe_unused]] const Status saved = files.save();  // only saves time
}

std::optional<json::object> Build::steps_turn() {
  if (steps_shown_ == Shown::kWaits) {
    return std::nullopt;
  }
  learn_runs();
  const int64_t now = system_clock().monotonic_ns();
  steps_ready_ns_ = steps_ready_ns_.value_or(now + kStatusGraceNs);
  const bool told = std::ranges::all_of(*runs_, [this](const PlannedRun& run) {
    return log_.end_of(log_.vertex_named(run.name)).done;
  });
  if (!told && now < *steps_ready_ns_) {
    return std::nullopt;
  }
  steps_shown_ = Shown::kWaits;
  json::array steps;
  add_runs(steps, {});
  return json::object{{"schema", "ktl.turn/1"},
                      {"gate", {{"kind", "steps"}, {"steps", std::move(steps)}}}};
}

// A step that ran at the same time for another build ran behind that one's fence, as one from the
// cache did. Of two lists the builder's list tells, which has what ktl was never asked for this
// build.
bool Build::is_foreign(const std::string& name, const std::string& vertex) const {
  const json::value* fence = field_of(plan_, "fence");
  const bool listed = watch_ && fence != nullptr && text_of(*fence, "network") == "list";
  const auto requests = log_.requests_of(vertex);
  return log_.is_shared(name) || (listed && std::ranges::any_of(requests, [this](const auto& each) {
                                    return !watch_->may(each.url);
                                  }));
}

// Replaces what `steps` says of RUN steps: here they have the digests that a fenced build can know
// before it ends. What the builder never spoke of came from its cache.
void Build::add_runs(json::array& steps, const std::vector<std::string>& provenance) {
  learn_runs();
  const auto digests = materials_of(provenance);
  const auto reasons = incomplete_in(provenance);
  json::array all;
  for (json::value& step : steps) {
    if (text_of(step, "kind") != "exec") {
      all.push_back(std::move(step));
    }
  }
  for (const PlannedRun& run : runs_.value_or(std::vector<PlannedRun>())) {
    const std::string vertex = log_.vertex_named(run.name);
    const ProgressLog::End end = log_.end_of(vertex);
    const bool listed = !run.network || end.cached || log_.is_listed(vertex);
    json::array requests;
    for (const ProgressLog::Request& request : log_.requests_of(vertex)) {
      if (watch_ && watch_->rule_of(request.url)) {
        const auto digest = digests.find(request.url);
        const auto reason = reasons.find({request.method, request.url});
        const Kept::Origin origin =
            kept_.origin_of(request.url).value_or(Kept::Origin{request.url, ""});
        requests.push_back({{"method", request.method},
                            {"url", origin.url},
                            {"status", request.status},
                            {"reason", reason == reasons.end() ? "" : reason->second},
                            {"for", origin.step},
                            {"digest", digest == digests.end() ? "" : digest->second}});
        if (recording_) {
          recording_->listed(request.url);
        }
      }
    }
    const json::value source = places_.source_of(run.name);
    all.push_back({{"vertex", vertex},
                   {"name", run.name},
                   {"kind", "exec"},
                   {"step", listed ? run.step : ""},
                   {"cached", end.cached || !end.done || is_foreign(run.name, vertex)},
                   {"daemon", info_.state.empty() ? "unknown" : info_.state},
                   {"network", !run.network    ? "none"
                               : kept_.holds() ? "locked"
                                               : "list"},
                   {"line", source.is_null() ? 0 : int_of(source, "start_line")},
                   {"requests", std::move(requests)}});
  }
  add_not_got(all);
  steps = std::move(all);
}

// What a step of a locked build asked for by another method than GET stands in no list.
void Build::add_not_got(json::array& runs) {
  std::set<std::string> got;
  bool whole = true;
  for (const PlannedRun& run : runs_.value_or(std::vector<PlannedRun>())) {
    const std::string vertex = log_.vertex_named(run.name);
    whole = whole && log_.is_listed(vertex);
    for (const ProgressLog::Request& request : log_.requests_of(vertex)) {
      got.insert(request.url);
    }
  }
  for (const Kept::Origin& origin : whole ? kept_.not_got(got) : std::vector<Kept::Origin>()) {
    for (json::value& run : runs) {
      if (lock::instruction_of(text_of(run, "name")) == origin.step && !bool_of(run, "cached")) {
        run.at("requests")
            .as_array()
            .push_back({{"method", "*"},
                        {"url", origin.url},
                        {"status", 403},
                        {"for", ""},
                        {"digest", ""}});
      }
    }
  }
}

}  // namespace ktl::solver
