#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/gate.h"
#include "core/pipeline/note_steps.h"
#include "core/pipeline/result_files.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

// Where the builder's files wait is said by a process that may have been taken over, and whoever
// exports moves them with all of the user's rights: nothing but what lies in the solver's own cache
// folder is believed, reached without a link that leads out of it.
Status check_file(const std::filesystem::path& folder, const json::value& file) {
  const std::filesystem::path path = std::string(text_of(file, "path"));
  const std::filesystem::path below = path.lexically_normal().lexically_relative(folder);
  KTL_ASSIGN(const UniqueFd root, open_file(folder, O_PATH | O_DIRECTORY));
  KTL_ASSIGN(const UniqueFd fd, open_beneath(root.get(), below, O_PATH | O_NOFOLLOW));
  struct stat about{};
  const bool known = ::fstat(fd.get(), &about) == 0;
  const bool wanted =
      text_of(file, "kind") == "folder" ? S_ISDIR(about.st_mode) : S_ISREG(about.st_mode);
  return known && wanted ? Status() : Status(Code::kDataLoss, "it is not what it is said to be");
}

Status check_files(const Build& build, const std::string& solver, const json::array& files) {
  const auto folder = build.setup().cache / "plugins" / solver;
  for (const json::value& file : files) {
    if (Status status = check_file(folder, file); !status.ok()) {
      return Status(Code::kDataLoss,
                    "the builder's file is not in " + folder.string() + ": " + status.message())
          .at(std::string(text_of(file, "path")));
    }
  }
  return {};
}

// Lets the builder commit the root and waits for its end. What was gated stays what is exported:
// of the final answer only the metadata is taken.
Status let_go(Build& build) {
  KTL_ASSIGN(StagePlugin * solver, solver_of(build.setup().plugins));
  const std::string& id = solver->identity().id;
  if (Status status = answer_gate(build, *solver, true, ""); !status.ok()) {
    return fail_for(build, Stage::kExport, *solver, std::move(status));
  }
  KTL_ASSIGN(json::object turn, next_turn(build, *solver, Stage::kExport));
  json::object final = object_of(object_of(turn, "done"), "solved");
  note_steps(build, final);
  if (build.gate_open || root_digest(final) != root_digest(build.solved)) {
    Status status(Code::kDataLoss, "the builder's result is not the one that passed the gates");
    return build.fail({Stage::kExport, std::move(status), Cause::kStatus, id});
  }
  if (Status status = check_files(build, id, array_of(final, "files")); !status.ok()) {
    return build.fail({Stage::kExport, std::move(status), Cause::kPlugin, id});
  }
  build.solved["metadata"] = object_of(final, "metadata");
  build.solved["files"] = array_of(final, "files");
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
