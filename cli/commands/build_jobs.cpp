#include "cli/commands/build_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/options/value.h"
#include "core/pipeline/exit_code.h"
#include "core/pipeline/worker.h"

namespace ktl::cli {
namespace {

class Jobs {
 public:
  Jobs(Order& order, Worker worker, const Invocation& invocation, const CancelToken& cancel)
      : order_(order), worker_(std::move(worker)), invocation_(invocation), cancel_(cancel) {}

  int run() {
    std::vector<int> exits;
    for (size_t i = 0; i < order_.jobs.size(); ++i) {
      if (cancel_.cancelled()) {
        exits.push_back(exit_of_signal(cancel_.reason()));
        break;
      }
      const Job& job = order_.jobs[i];
      announce(job, i + 1);
      exits.push_back(missing(job).empty() ? build(job, i == 0) : skip(job));
    }
    return decisive_exit(exits);
  }

 private:
  void announce(const Job& job, size_t number) const {
    const std::string& progress = job.request.progress;
    if (order_.jobs.size() > 1 && progress != "quiet" && progress != "rawjson") {
      invocation_.console.err(
          fmt::format("target {} ({} of {})\n", job.request.name, number, order_.jobs.size()));
    }
  }

  // A target that it needs and that was not built; empty: none.
  [[nodiscard]] std::string missing(const Job& job) const {
    const std::vector<std::string>& needs = needs_of(job);
    auto need = std::ranges::find_if(
        needs, [&](const std::string& name) { return !results_.contains(name); });
    return need == needs.end() ? "" : *need;
  }

  // The failure has its exit code already.
  int skip(const Job& job) const {
    invocation_.console.err(fmt::format("target {} is not built: it needs {}, which failed\n",
                                        job.request.name, missing(job)));
    return kExitDone;
  }

  int build(const Job& job, bool first) {
    Request request = with_results(job, results_);
    Result<Tools> tools =
        first ? Result<Tools>(Tools{std::move(order_.ground.registry), std::move(worker_)})
              : more_tools(order_, invocation_);
    if (!tools.ok()) {
      return fail(invocation_.console, tools.status());
    }
    request.quiet = request.quiet && job.named;  // digests are for what was asked for
    BuildOutcome outcome;
    int exit = run_one({request, cancel_}, tools->registry, std::move(tools->worker), order_.looks,
                       invocation_.console, outcome);
    return exit == kExitDone ? note_result(request, outcome.root) : exit;
  }

  int note_result(const Request& request, const std::string& root) {
    Result<PluginFolders> folders = default_plugin_folders();
    if (!folders.ok()) {
      return fail(invocation_.console, folders.status());
    }
    results_[request.name] = "oci-layout://" + store_folder(*folders).native() + "@" + root;
    return kExitDone;
  }

  Order& order_;
  Worker worker_;
  const Invocation& invocation_;
  const CancelToken& cancel_;
  std::map<std::string, std::string> results_;  // as a named context, by target
};

}  // namespace

Result<Worker> early_worker() {
  const auto lifted =
      parse_bool(getenv_text("KTL_SANDBOX_DISABLE"));  // a word that is none is told
  return lifted.ok() && *lifted ? start_worker() : Result<Worker>(Worker());
}

Result<Tools> more_tools(const Order& order, const Invocation& invocation) {
  KTL_ASSIGN(PluginRegistry registry,
             find_plugins(invocation, order.bootstrap, order.ground.user, order.ground.project));
  KTL_ASSIGN(Worker worker, early_worker());
  return Tools{std::move(registry), std::move(worker)};
}

int build_jobs(Order& order, Worker worker, const Invocation& invocation,
               const CancelToken& cancel) {
  return Jobs(order, std::move(worker), invocation, cancel).run();
}

}  // namespace ktl::cli
