#include <memory>

#include "base/spool_folder.h"
#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/gate.h"
#include "core/pipeline/note_steps.h"
#include "core/pipeline/result_files.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/take_files.h"

namespace ktl {
namespace {

// The solver's own folder lies beside this one, and nothing of it is seen behind the fence.
Result<json::array> take_over(Build& build, const std::string& solver, const json::array& files) {
  if (files.empty()) {
    return files;
  }
  const auto folder = build.setup().cache / "plugins";
  KTL_ASSIGN(SpoolFolder made, SpoolFolder::make(folder / ".results", build.setup().bus.build()));
  const auto results = std::make_shared<SpoolFolder>(std::move(made));
  build.cleanup.push("remove what was taken over from " + solver, [results] {
    *results = SpoolFolder();
    return Status();
  });
  return take_files(folder / solver, results->path(), files);
}

// Lets the builder commit the root and waits for its end. What was gated stays what is exported:
// of the final answer only the metadata is taken.
Status let_go(Build& build) {
  KTL_ASSIGN(StagePlugin * solver, solver_of(build.setup().plugins));
  const std::string& id = solver->identity().id;
  if (Status status = answer_gate(build, *solver, true, ""); !status.ok()) {
    return solver_failed(build, *solver, Stage::kExport, std::move(status));
  }
  KTL_ASSIGN(json::object turn, next_turn(build, *solver, Stage::kExport));
  json::object final = object_of(object_of(turn, "done"), "solved");
  note_steps(build, final);
  if (build.gate_open || root_digest(final) != root_digest(build.solved)) {
    Status status(Code::kDataLoss, "the builder's result is not the one that passed the gates");
    return build.fail({Stage::kExport, std::move(status), Cause::kStatus, id});
  }
  auto files = take_over(build, id, array_of(final, "files"));
  if (!files.ok()) {
    return build.fail({Stage::kExport, files.status(), Cause::kPlugin, id});
  }
  build.solved["metadata"] = object_of(final, "metadata");
  build.solved["files"] = *std::move(files);
  if (const json::value* recording = final.if_contains("recording")) {
    build.solved["recording"] = *recording;
  }
  return {};
}

void rollback_later(Build& build, StagePlugin& exporter) {
  build.cleanup.push("roll back " + exporter.identity().id, [&build, &exporter] {
    return build.exported
               ? Status()
               : call_quietly(build, exporter, contracts::kRollback, build.solved).status();
  });
}

Status stop_if_cancelled(const Build& build) {
  return build.setup().cancel.cancelled() ? Status(Code::kCancelled, "interrupted") : Status();
}

Status stage_all(Build& build) {
  for (StagePlugin* exporter : build.exporters) {
    rollback_later(build, *exporter);
    KTL_TRY(call(build, Stage::kExport, *exporter, contracts::kStage, build.solved).status());
  }
  return {};
}

Status commit_all(Build& build) {
  for (StagePlugin* exporter : build.exporters) {
    KTL_TRY(stop_if_cancelled(build));
    KTL_ASSIGN(json::value receipts,
               call(build, Stage::kExport, *exporter, contracts::kCommit, build.solved));
    for (const auto& receipt : array_of(receipts, "receipts")) {
      build.receipts.push_back(receipt);
    }
  }
  return {};
}

}  // namespace

Status export_result(Build& build) {
  if (build.gate_open) {
    KTL_TRY(let_go(build));
    KTL_TRY(stage_all(build));
    KTL_TRY(commit_all(build));
  }
  KTL_TRY(write_result_files(build));
  build.exported = true;
  for (const auto& receipt : build.receipts) {
    build.publish("receipt/1", receipt.as_object());  // receipts-1 holds objects
  }
  return {};
}

}  // namespace ktl
