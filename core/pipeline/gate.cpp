#include "core/pipeline/gate.h"

#include "base/base64.h"
#include "base/sha256.h"
#include "core/document/fields.h"
#include "core/document/schemas.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/note_steps.h"

namespace ktl {
namespace {

constexpr size_t kMaxRootText = (size_t{4} << 20U) * 4 / 3 + 4;  // 4 MiB in base64

Status check_inner(const json::object& turn) {
  json::object gate = object_of(turn, "gate");
  json::object done = object_of(turn, "done");
  if (text_of(gate, "kind") == "steps") {
    return {};  // turn-1 says all of it
  }
  if (!gate.empty()) {
    return check_document("solved-1", object_of(gate, "solved"));
  }
  return bool_of(done, "ok") ? check_document("solved-1", object_of(done, "solved"))
                             : check_document("build-error-1", object_of(done, "error"));
}

Status build_failed(Build& build, StagePlugin& solver, Stage stage, const json::object& error) {
  Status status(Code::kAborted, std::string(text_of(error, "message")));
  const json::object source = object_of(error, "source");
  if (!text_of(source, "file").empty()) {
    status = std::move(status).at(std::string(text_of(source, "file")) + ":" +
                                  std::to_string(int_of(source, "start_line")));
  }
  status = std::move(status).advise(std::string(text_of(error, "next")));
  Cause cause = stage == Stage::kSolve ? Cause::kBuild : Cause::kStatus;
  cause = text_of(error, "kind") == "refused" ? Cause::kRefused : cause;
  return build.fail({stage, std::move(status), cause, solver.identity().id, error});
}

}  // namespace

Result<StagePlugin*> solver_of(const StagePlugins& plugins) {
  if (plugins.solvers.empty()) {
    return Status(Code::kUnavailable, "no plugin can build: none provides ktl.solve/1")
        .advise("ktl plugin list shows what is there");
  }
  if (plugins.solvers.size() > 1) {
    return Status(Code::kInvalidArgument,
                  "two plugins want to build: " + plugins.solvers[0]->identity().id + " and " +
                      plugins.solvers[1]->identity().id)
        .advise("switch one off in the project file");
  }
  return plugins.solvers.front();
}

Status solver_failed(Build& build, StagePlugin& solver, Stage stage, Status status) {
  const bool gone = status.code() == Code::kUnavailable;
  return fail_for(build, gone ? Stage::kSolve : stage, solver, std::move(status));
}

Status answer_gate(Build& build, StagePlugin& solver, bool allow, const std::string& reason) {
  if (!std::exchange(build.gate_open, false)) {
    return {};
  }
  json::object decision{{"build", build.handle}, {"allow", allow}, {"reason", reason}};
  return call_quietly(build, solver, contracts::kResume, decision).status();
}

Result<json::object> next_turn(Build& build, StagePlugin& solver, Stage stage) {
  const auto answer =
      call_quietly(build, solver, contracts::kNext, json::object{{"build", build.handle}});
  if (!answer.ok()) {
    return solver_failed(build, solver, stage, answer.status());
  }
  const json::object turn = answer->as_object();  // turn-1 is an object
  build.gate_open = build.gate_open || turn.contains("gate");
  if (Status status = check_inner(turn); !status.ok()) {
    Status broken(Code::kInternal, solver.identity().id + ": " + status.message());
    return build.fail({stage, std::move(broken), Cause::kStatus, solver.identity().id});
  }
  const json::object done = object_of(turn, "done");
  if (turn.contains("done") && !bool_of(done, "ok")) {
    note_steps(build, done);
    return build_failed(build, solver, stage, object_of(done, "error"));
  }
  return turn;
}

Status check_gate(const json::object& gate) {
  const json::object solved = object_of(gate, "solved");
  const std::string digest = root_digest(solved);
  if (text_of(gate, "kind") != "root" || digest.empty()) {
    return {Code::kDataLoss, "the builder stopped at a gate that this ktl does not know"};
  }
  const std::string_view text = text_of(gate, "root_bytes");
  if (text.empty()) {
    return {};
  }
  if (text.size() > kMaxRootText) {
    return {Code::kResourceExhausted, "the root manifest is larger than 4 MiB"};
  }
  KTL_ASSIGN(std::string bytes, base64_decode(text));
  if (digest_of(bytes) != digest) {
    return {Code::kDataLoss, "the root manifest is not the one that its digest names"};
  }
  return {};
}

std::string root_digest(const json::object& solved) {
  const json::object root = object_of(solved, "root");
  return std::string(text_of(root, "digest"));
}

}  // namespace ktl
