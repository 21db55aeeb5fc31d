#include "core/pipeline/findings.h"

namespace ktl {
namespace {

void report(Build& build, const json::value& finding) {
  build.findings.push_back(finding);
  build.publish("finding/1", finding.as_object());  // the schemas say that it is one
}

Status refuse(Build& build, Stage stage, const StagePlugin& plugin, const json::value& finding) {
  Status status = Status(Code::kPermissionDenied, std::string(text_of(finding, "rule")) + ": " +
                                                      std::string(text_of(finding, "message")))
                      .at(std::string(text_of(finding, "location")))
                      .advise(std::string(text_of(finding, "fix")));
  return build.fail({stage, std::move(status), Cause::kRefused, plugin.identity().id});
}

}  // namespace

Status take_findings(Build& build, Stage stage, const StagePlugin& plugin,
                     const json::array& findings) {
  Status status;
  for (const auto& finding : findings) {
    report(build, finding);
    if (status.ok() && text_of(finding, "severity") == "block") {
      status = refuse(build, stage, plugin, finding);
    }
  }
  return status;
}

}  // namespace ktl
