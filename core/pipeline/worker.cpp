#include "core/pipeline/worker.h"

#include "core/bridge/entry.h"
#include "core/bridge/environment.h"
#include "core/pipeline/dockerfile_task.h"

namespace ktl {

Result<std::unique_ptr<bridge::PluginProcess>> start_worker() {
  return bridge::PluginProcess::start(
      {.name = "the worker", .plugin = {}, .environment = bridge::worker_environment()});
}

int run_worker() { return bridge::run_bridge({{kDockerfileTask, read_dockerfile_here}}); }

}  // namespace ktl
