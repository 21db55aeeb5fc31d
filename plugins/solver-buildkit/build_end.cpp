// How a build ends: what it made, what is known of its steps, or why it failed.
#include <algorithm>

#include "build.h"
#include "control/history.h"
#include "control/missing.h"
#include "distrust.h"
#include "ledger/content_digests.h"
#include "ledger/steps.h"

namespace ktl::solver {
namespace {

// How much of new files is read again for the ledger: about 50 ms.
constexpr int64_t kLedgerReads = 64 << 20;

}  // namespace

Result<json::object> Build::last_turn(const TurnContext& context) {
  settle();
  const std::lock_guard lock(transfer_mutex_);
  return outcome_.status.ok() && transfer_failure_.ok() ? success(context) : failure(context);
}

Result<json::object> Build::success(const TurnContext& context) {
  std::optional<Root> root;
  if (ways_.staging) {
    const std::string& digest = metadata_["containerimage.digest"];
    auto shown = shown_.find(digest);
    if (shown == shown_.end() || !gate_.allowed(digest)) {
      return Status(Code::kFailedPrecondition, "the builder finished with root \"" + digest +
                                                   "\", which ktl never let through");
    }
    root = shown->second;
  }
  auto read = [this](const std::string& digest, size_t limit) { return read_blob(digest, limit); };
  KTL_ASSIGN(json::object solved, solved_document(plan_, root, metadata_, read));
  solved["files"] = outputs_.document();
  KTL_TRY(caches_.finish(metadata_));
  add_steps(solved, context);
  return json::object{{"schema", "ktl.turn/1"},
                      {"done", {{"ok", true}, {"solved", std::move(solved)}}}};
}

// Into "steps" of a build that has ended. BuildKit (0.34.2, Solver.Solve in
// solver/llbsolver/solver.go) gathers the provenance once every result is there, and no earlier: a
// build of which the result was refused, or could not be handed over, has it in its record, but one
// of which a step failed has only its log and its error, which hold the failing operation and of
// others no more than names. What such a build ran therefore stays unknown to the ledger, and is
// run or marked unknown next time. A step without a digest is one of which nothing is known: no
// reason to fail a build.
void Build::add_steps(json::object& ended, const TurnContext& context) {
  if (!keeps_history(info_) || info_.state.empty()) {
    return;
  }
  FileDigests files(ways_.cache / "file-digests", kLedgerReads);
  ContentDigests content(folders_, files, began_ns_);
  auto history = history_of(client_.channel(), ref());
  auto steps = history.ok() ? steps_of(
                                  history->provenance, log_,
                                  [&content](const ledger::Selection& selection) {
                                    return content.digest_of(selection);
                                  },
                                  info_.state)
                            : Result<json::array>(history.status());
  if (runs_) {
    json::array own = steps.ok() ? *steps : json::array();
    add_runs(own, history.ok() ? history->provenance : std::vector<std::string>());
    ended["steps"] = std::move(own);
    if (recording_ && history.ok()) {
      ended["recording"] = recording_->document(history->provenance);
    }
    return;
  }
  if (!steps.ok()) {
    context.emit({"message/1",
                  {{"level", "warn"},
                   {"text", "the ledger learns nothing of this build: " +
                                valid_utf8(steps.status().message())}}});
    return;
  }
  ended["steps"] = *std::move(steps);
  [[maybe_unused]] const Status saved = files.save();  // only saves time
}

std::vector<std::string> Build::foreign() const {
  std::vector<std::string> list = texts_of(plan_, "platforms");
  std::erase_if(list, [this](const std::string& platform) {
    return std::find(info_.platforms.begin(), info_.platforms.end(), platform) !=
           info_.platforms.end();
  });
  return list;
}

// Details that do not fit into the answer's headers (they hold the whole Dockerfile) make the
// builder break it off instead. It remembers them.
void Build::recall_failure() {
  if (!outcome_.reset || !keeps_history(info_)) {
    return;
  }
  const Result<BuildHistory> history = history_of(client_.channel(), ref());
  if (!history.ok()) {
    return;
  }
  if (std::optional<Status> told = status_in(history->error)) {
    outcome_.status = *std::move(told);
    outcome_.details = history->error;
  }
}

Result<json::object> Build::failure(const TurnContext& context) {
  recall_failure();
  if (outcome_.lost) {
    return Status(Code::kUnavailable,
                  "the builder went away during the build: " + outcome_.status.message())
        .advise("look at the builder's log, then run the build again");
  }
  if (Status trouble = content_.trouble(); !trouble.ok()) {
    return std::move(trouble).in("the result could not be staged");
  }
  json::object error = build_error({outcome_.status, outcome_.details}, log_, foreign());
  if (!transfer_failure_.ok()) {
    error["message"] = valid_utf8(transfer_failure_.message());
    error["next"] = valid_utf8(transfer_failure_.next());
  }
  if (std::optional<std::string> reason = gate_.refusal()) {
    error["message"] = "refused: " + *reason;
  }
  place(error);
  explain_distrust(plan_, error);
  blame(error);
  json::object done{{"ok", false}, {"error", std::move(error)}};
  if (!shown_.empty()) {
    add_steps(done, context);
  } else if (runs_ || (attended_ && is_fenced(plan_))) {
    json::array steps;
    add_runs(steps, {});
    done["steps"] = std::move(steps);
  }
  return json::object{{"schema", "ktl.turn/1"}, {"done", std::move(done)}};
}

}  // namespace ktl::solver
