#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

void report(Build& build, const json::value& finding) {
  build.findings.push_back(finding);
  build.publish("finding/1", finding.as_object());  // findings-1 holds objects
}

Status refuse(Build& build, const StagePlugin& scanner, const json::value& finding) {
  Status status = Status(Code::kPermissionDenied, std::string(text_of(finding, "rule")) + ": " +
                                                      std::string(text_of(finding, "message")))
                      .at(std::string(text_of(finding, "location")))
                      .advise(std::string(text_of(finding, "fix")));
  return build.fail({Stage::kScan, std::move(status), Cause::kRefused, scanner.identity().id});
}

Status scan_with(Build& build, StagePlugin& scanner) {
  KTL_ASSIGN(json::value findings,
             call(build, Stage::kScan, scanner, contracts::kScan, build.solved));
  Status status;
  for (const auto& finding : array_of(findings, "findings")) {
    report(build, finding);
    if (status.ok() && text_of(finding, "severity") == "block") {
      status = refuse(build, scanner, finding);
    }
  }
  return status;
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
