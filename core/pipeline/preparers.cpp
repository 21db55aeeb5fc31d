#include "core/pipeline/preparers.h"

#include "core/document/fields.h"
#include "core/pipeline/amendments.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/findings.h"

namespace ktl {
namespace {

Status fail(Build& build, const StagePlugin& plugin, Status status) {
  const bool input = status.code() == Code::kInvalidArgument && !plugin.gone();
  return build.fail({Stage::kPrepare, std::move(status), input ? Cause::kUsage : Cause::kPlugin,
                     plugin.identity().id});
}

Status ask(Build& build, StagePlugin& plugin, Amendments& amendments) {
  const json::object preparation{{"schema", "ktl.preparation/1"},
                                 {"request", to_json(build.request())},
                                 {"plan", to_json(build.plan)}};
  auto answer = call_quietly(build, plugin, contracts::kPrepare, preparation);
  if (!answer.ok()) {
    return fail(build, plugin, std::move(answer).status());
  }
  Status taken = amendments.take(plugin.identity().id, *answer);
  if (!taken.ok()) {
    taken = fail(build, plugin, std::move(taken));
  }
  Status found = take_findings(build, Stage::kPrepare, plugin, array_of(*answer, "findings"));
  return taken.ok() ? found : taken;
}

}  // namespace

// Everybody looks, also after somebody refused: a user wants to know everything at once.
Status ask_preparers(Build& build) {
  const auto& plugins = build.setup().plugins.preparers;
  if (plugins.empty()) {
    return {};
  }
  Amendments amendments(build.plan);
  Status status;
  for (StagePlugin* plugin : plugins) {
    Status one = ask(build, *plugin, amendments);
    status = status.ok() ? std::move(one) : status;
    if (build.setup().cancel.cancelled()) {
      break;
    }
  }
  for (const std::string& note : amendments.notes()) {
    build.say("info", note);
  }
  return status;
}

}  // namespace ktl
