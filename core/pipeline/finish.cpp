#include "core/pipeline/finish.h"

#include "base/fd.h"
#include "core/document/fields.h"
#include "core/document/record.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/gate.h"
#include "core/pipeline/recorded.h"
#include "core/pipeline/result_files.h"

namespace ktl {
namespace {

void clean_up(Build& build) {
  for (const Status& status : build.cleanup.run()) {
    build.say("warn", status.to_string());
  }
}

std::string_view record_outcome(int exit) {
  switch (exit) {
    case kExitDone:
      return "done";
    case kExitRefused:
    case kExitSecrets:
      return "refused";
    case kExitInterrupt:
    case kExitTerminate:
      return "cancelled";
    default:
      return "failed";
  }
}

Record record_of(const Build& build, int exit) {
  const BuildSetup& setup = build.setup();
  Record record;
  record.id = setup.bus.build();
  record.ktl = setup.version;
  record.ended_ns = setup.clock.unix_ns();
  record.started_ns = record.ended_ns - (setup.clock.monotonic_ns() - build.started_ns());
  record.outcome = record_outcome(exit);
  record.exit = exit;
  record.plan_digest = build.plan_digest;
  record.builder = build.features;
  record.plugins = setup.plugins.all;
  const json::value* root = build.solved.if_contains("root");
  record.root = root == nullptr ? json::value() : *root;
  record.steps = build.steps;
  record.findings = build.findings;
  record.verdicts = build.verdicts;
  for (const Statement& statement : build.statements) {
    record.statements.push_back(statement.entry);
  }
  record.receipts = build.exported ? build.receipts : json::array();
  record.isolation = build.isolation;
  return record;
}

// Written whatever happened. Without it a build that succeeded has not shown that it did.
Status write_record(Build& build, int exit) {
  const json::object record = build.setup().bus.redactor().clean(to_json(record_of(build, exit)));
  Status status = write_file_atomic(build.record_file(), pretty_json(record));
  return status.ok() ? Status()
                     : build.fail({Stage::kExport, std::move(status).in("write the record")});
}

void tell_failures(const Build& build, int exit) {
  const Failure* first = decisive(build.failures());
  for (const Failure& failure : build.failures()) {
    if (&failure != first) {
      build.say("error", failure.status.to_string());
    }
  }
  if (first != nullptr) {
    build.publish("build.failed/1", {{"exit", exit},
                                     {"stage", stage_name(first->stage)},
                                     {"plugin", first->plugin},
                                     {"message", valid_utf8(first->status.message())},
                                     {"where", valid_utf8(first->status.where())},
                                     {"next", valid_utf8(first->status.next())},
                                     {"error", first->error}});
  }
}

}  // namespace

BuildOutcome finish(Build& build) {
  clean_up(build);
  if (build.setup().worked_off) {
    build.setup().worked_off();
  }
  const int reason = build.setup().cancel.reason();
  const bool recorded = write_record(build, exit_code(build.failures(), reason)).ok();
  BuildOutcome outcome;
  outcome.exit = exit_code(build.failures(), reason);
  tell_failures(build, outcome.exit);
  outcome.record = recorded ? build.record_file() : std::filesystem::path();
  if (outcome.exit == kExitDone) {
    outcome.root = root_digest(build.solved);
    outcome.image = image_id(build.solved);
    outcome.receipts = build.receipts;
    outcome.recorded = recorded_of(build);
    outcome.metadata = build.setup().bus.redactor().clean(object_of(build.solved, "metadata"));
  }
  build.publish("build.completed/1",
                {{"exit", outcome.exit},
                 {"record", outcome.record.string()},
                 {"duration_ns", build.setup().clock.monotonic_ns() - build.started_ns()}});
  return outcome;
}

}  // namespace ktl
