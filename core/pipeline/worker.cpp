#include "core/pipeline/worker.h"

#include "base/heap.h"
#include "core/bridge/entry.h"
#include "core/bridge/environment.h"
#include "core/pipeline/dockerfile_task.h"

namespace ktl {
namespace {

constexpr size_t kHeap = 448U << 10U;  // of a small build

}  // namespace

Result<std::unique_ptr<bridge::PluginProcess>> start_worker() {
  return bridge::PluginProcess::start(
      {.name = "the worker", .plugin = {}, .environment = bridge::worker_environment()});
}

Result<std::unique_ptr<bridge::PluginProcess>> start_fenced_worker(bridge::Wrapped command) {
  return bridge::PluginProcess::start(
      {.name = "the worker", .plugin = {}, .environment = {}, .fence = std::move(command)});
}

// The two names are said to whoever looks; nobody believes them.
std::vector<std::string> fenced_environment(const Request& request) {
  std::vector<std::string> variables = bridge::worker_environment();
  std::erase_if(variables, [](const std::string& each) { return each.starts_with("TMPDIR="); });
  variables.push_back("TMPDIR=/tmp");
  variables.push_back("KTL_SANDBOX_ACTIVE=1");
  variables.push_back("KTL_SANDBOX_CONTEXT=" + request.sandbox.workdir);
  return variables;
}

int run_worker() {
  take_heap(kHeap);
  return bridge::run_bridge({{kDockerfileTask, read_dockerfile_here}});
}

}  // namespace ktl
