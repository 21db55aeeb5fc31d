#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/findings.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

Status scan_with(Build& build, StagePlugin& scanner) {
  KTL_ASSIGN(json::value findings,
             call(build, Stage::kScan, scanner, contracts::kScan, build.solved));
  return take_findings(build, Stage::kScan, scanner, array_of(findings, "findings"));
}

}  // namespace

// Everybody looks, also after somebody refused: a user wants to know everything at once.
Status scan(Build& build) {
  Status status;
  for (StagePlugin* scanner : build.setup().plugins.scanners) {
    Status one = scan_with(build, *scanner);
    status = status.ok() ? std::move(one) : status;
    if (build.setup().cancel.cancelled()) {
      break;
    }
  }
  return status;
}

}  // namespace ktl
