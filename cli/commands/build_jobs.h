// The builds of one order: run one after the other, or printed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "cli/request/order.h"
#include "cli/terminal_desk.h"
#include "core/bridge/plugin_process.h"
#include "core/pipeline/build.h"
#include "core/pipeline/finish.h"
#include "redact/values.h"

namespace ktl::cli {

// A process that is ready to run plugins; see core/pipeline/worker.h.
using Worker = std::unique_ptr<bridge::PluginProcess>;

// One build to be done; what it refers to outlives it.
struct Work {
  const Request& request;
  const CancelToken& cancel;
  std::shared_ptr<redact::Values> values = std::make_shared<redact::Values>();  // never shown
  std::shared_ptr<TerminalDesk> terminal = nullptr;                             // -i
};

// Gets the plugins of one build to work, here and in `worker`, around `body`. `registry` is not
// started yet.
Status with_crew(const Work& work, PluginRegistry& registry, Worker worker, Bus& bus,
                 const std::function<void(const BuildSetup&)>& body);

// The exit code when with_crew failed.
int exit_without_crew(const Status& status, const CancelToken& cancel);

// One build from its request to its last words; returns its exit code.
int run_one(const Work& work, PluginRegistry& registry, Worker worker, Looks looks,
            Console& console, BuildOutcome& outcome);

// Builds every job of `order`, the first with `worker`. One that failed stops those that need it;
// the others go on, and the exit code that weighs most is returned.
int build_jobs(Order& order, Worker worker, const Invocation& invocation,
               const CancelToken& cancel);

// Prints the document that --print named, as JSON: of one job itself, of several as
// {"targets": {NAME: document}}. No builder is needed.
int print_jobs(Order& order, Worker worker, const Invocation& invocation,
               const CancelToken& cancel);

// What a job that is not the first one works with: plugins and worker of its own, since their
// instances belong to one build.
struct Tools {
  PluginRegistry registry;
  Worker worker;
};
// A worker that starts at once, so that it gets ready while the order is taken; null when it will
// have to run behind a fence, about which nothing is known so early.
Result<Worker> early_worker();
Result<Tools> more_tools(const Order& order, const Invocation& invocation);

}  // namespace ktl::cli
