#include "core/document/fields.h"
#include "core/pipeline/builder_reach.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/gate.h"
#include "core/pipeline/hold_lock.h"
#include "core/pipeline/locked_content.h"
#include "core/pipeline/note_steps.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/step_ledger.h"
#include "core/pipeline/step_lines.h"

namespace ktl {
namespace {

// A builder of ktl's own may be killed right after it was leased; the next one is as good.
constexpr int kAttempts = 3;

Result<json::value> try_to_connect(Build& build, StagePlugin& solver) {
  KTL_ASSIGN(json::object builder, reach_builder(build));
  build.members = array_of(builder, "members");
  builder["options"] = object_of(build.request().options, solver.identity().id);
  auto features = call_quietly(build, solver, contracts::kConnect, builder);
  for (int attempt = 1; attempt < kAttempts && !features.ok() &&
                        features.status().code() == Code::kUnavailable && drop_leases(build);
       ++attempt) {
    KTL_ASSIGN(json::object again, reach_builder(build));
    build.members = array_of(again, "members");
    again["options"] = builder["options"];
    features = call_quietly(build, solver, contracts::kConnect, again);
  }
  return features.ok() ? std::move(features)
                       : fail_for(build, Stage::kSolve, solver, std::move(features).status());
}

Status connect(Build& build, StagePlugin& solver) {
  KTL_ASSIGN(json::value features, try_to_connect(build, solver));
  build.features = features.as_object();  // features-1 is an object
  build.publish("builder.connected/1", build.features);
  return {};
}

// Its steps are in the builder's cache all the same: the next build finds them known. That it does
// not say what they were is no second failure.
void note_refused(Build& build, StagePlugin& solver) {
  const auto turn =
      call_quietly(build, solver, contracts::kLast, json::object{{"build", build.handle}});
  if (turn.ok()) {
    note_steps(build, object_of(turn->as_object(), "done"));
  }
}

Status refuse_result(Build& build, StagePlugin& solver) {
  const bool waits = build.gate_open;
  std::string reason = build.failures().empty() ? "" : build.failures().front().status.message();
  KTL_TRY(answer_gate(build, solver, false, reason));
  if (waits) {
    note_refused(build, solver);
  }
  return {};
}

// From here on the build has to be closed, and its gate answered, whatever happens. `rerun`: stages
// whose steps the builder is to run again; a first build has none.
Status begin(Build& build, StagePlugin& solver, const std::vector<std::string>& rerun) {
  json::object what{
      {"schema", "ktl.solve/1"}, {"plan", build.plan_document}, {"staging", build.staging}};
  if (!rerun.empty()) {
    what["rerun"] = to_array(rerun);
  }
  if (build.held != nullptr) {
    what["kept"] = build.held->document();
  }
  KTL_ASSIGN(json::value begun, call(build, Stage::kSolve, solver, contracts::kBegin, what));
  build.handle = text_of(begun, "build");
  if (!rerun.empty()) {
    return {};  // the cleanup is there already
  }
  build.cleanup.push("close the build", [&build, &solver] {
    return build.handle.empty() ? Status()
                                : call_quietly(build, solver, contracts::kClose,
                                               json::object{{"build", build.handle}})
                                      .status();
  });
  build.cleanup.push("refuse the result",
                     [&build, &solver] { return refuse_result(build, solver); });
  return {};
}

// Nothing of it has been staged: the builder forgets it.
Status give_up(Build& build, StagePlugin& solver) {
  KTL_TRY(answer_gate(build, solver, false, "steps run again"));
  const json::object handle{{"build", build.handle}};
  [[maybe_unused]] const auto last = call_quietly(build, solver, contracts::kLast, handle);
  build.handle.clear();
  return call_quietly(build, solver, contracts::kClose, handle).status();
}

Status refuse_steps(Build& build, const std::vector<json::object>& unknown) {
  const json::object& step = unknown.front();
  Status status(Code::kPermissionDenied,
                "step " + std::string(text_of(step, "name")) +
                    " comes from the cache, and nobody knows what it reached when it ran");
  if (int_of(step, "line") > 0) {
    status = std::move(status).at(build.plan.dockerfile_name + ":" +
                                  std::to_string(int_of(step, "line")));
  }
  return build.fail(
      {Stage::kSolve, std::move(status).advise("build once with --no-cache"), Cause::kRefused, ""});
}

bool shows_steps(const json::object& turn) {
  const json::object gate = object_of(turn, "gate");
  return text_of(gate, "kind") == "steps";
}

// Judges what the builder took from its cache, while nothing is staged. What is not known is run
// again, once.
Result<json::object> past_steps(Build& build, StagePlugin& solver, json::object turn) {
  for (bool again = false; shows_steps(turn); again = true) {
    const json::array steps = array_of(object_of(turn, "gate"), "steps");
    if (Status foreign = check_requests(build, steps); !foreign.ok()) {
      return build.fail({Stage::kSolve, std::move(foreign), Cause::kRefused, ""});
    }
    const auto unknown = unknown_steps(build, steps);
    if (unknown.empty()) {
      KTL_TRY(answer_gate(build, solver, true, ""));
    } else if (again) {
      return refuse_steps(build, unknown);
    } else {
      build.say("info", std::to_string(unknown.size()) +
                            " steps from the cache are not known to have run behind this fence: "
                            "they run again");
      KTL_TRY(give_up(build, solver));
      KTL_TRY(begin(build, solver, stages_of(build.plan, unknown)));
    }
    KTL_ASSIGN(turn, next_turn(build, solver, Stage::kSolve));
  }
  return turn;
}

Status take_gate(Build& build, StagePlugin& solver, const json::object& gate) {
  if (Status status = check_gate(gate); !status.ok()) {
    return build.fail({Stage::kSolve, std::move(status), Cause::kStatus, solver.identity().id});
  }
  build.solved = object_of(gate, "solved");
  return {};
}

// Without staging there is nothing to hold back; with it, a build that ends without having
// stopped at the gate has let its result go unjudged.
Status take_end(Build& build, StagePlugin& solver, const json::object& done) {
  build.solved = object_of(done, "solved");
  note_steps(build, build.solved);
  if (build.staging || !root_digest(build.solved).empty()) {
    return build.fail(
        {Stage::kSolve,
         Status(Code::kDataLoss, solver.identity().id + " ended without holding the result back"),
         Cause::kStatus, solver.identity().id});
  }
  return {};
}

}  // namespace

Status solve(Build& build) {
  KTL_ASSIGN(StagePlugin * solver, solver_of(build.setup().plugins));
  KTL_TRY(connect(build, *solver));
  KTL_TRY(expect_steps(build));
  KTL_TRY(hold_lock(build));
  KTL_TRY(begin(build, *solver, {}));
  KTL_ASSIGN(json::object first, next_turn(build, *solver, Stage::kSolve));
  KTL_ASSIGN(json::object turn, past_steps(build, *solver, std::move(first)));
  KTL_TRY(state_steps(build));
  return build.gate_open ? take_gate(build, *solver, object_of(turn, "gate"))
                         : take_end(build, *solver, object_of(turn, "done"));
}

}  // namespace ktl
