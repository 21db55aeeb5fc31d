// `ktl build --print`: what would be built, without building it.
#include "cli/commands/build_jobs.h"
#include "core/pipeline/build_id.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/preview.h"

namespace ktl::cli {
namespace {

Preview preview_of(const Work& work, Tools tools) {
  // Never destroyed, as in run_one. Nobody listens: what fails is in the preview.
  auto& bus = *new Bus(new_build_id(system_clock()), work.values);
  Preview seen;
  Status status = with_crew(work, tools.registry, std::move(tools.worker), bus,
                            [&](const BuildSetup& setup) { seen = preview(setup); });
  if (!status.ok()) {
    return {{}, {}, status, exit_without_crew(status, work.cancel)};
  }
  return seen;
}

}  // namespace

int print_jobs(Order& order, Worker worker, const Invocation& invocation,
               const CancelToken& cancel) {
  json::object documents;
  for (size_t i = 0; i < order.jobs.size(); ++i) {
    const Request& request = order.jobs[i].request;
    if (order.print == "request") {
      documents[request.name] = to_json(request);
      continue;
    }
    Result<Tools> tools =
        i == 0 ? Result<Tools>(Tools{std::move(order.ground.registry), std::move(worker)})
               : more_tools(order, invocation);
    if (!tools.ok()) {
      return fail(invocation.console, tools.status());
    }
    Preview seen = preview_of({request, cancel}, *std::move(tools));
    if (!seen.status.ok()) {
      return fail(invocation.console, seen.status, seen.exit);
    }
    documents[request.name] = order.print == "plan" ? seen.plan : seen.isolation;
  }
  invocation.console.out(order.jobs.size() == 1
                             ? pretty_json(documents.begin()->value())
                             : pretty_json(json::object{{"targets", std::move(documents)}}));
  return kExitDone;
}

}  // namespace ktl::cli
