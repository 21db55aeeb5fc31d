// The fence around the worker: what it is to be, who makes it, and what came of it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/bridge/spawn.h"
#include "core/document/request.h"
#include "core/pipeline/plugins.h"
#include "core/plugins/host.h"
#include "core/plugins/registry.h"

namespace ktl {

// What only the program knows.
struct FenceGround {
  std::filesystem::path program;   // ktl itself, absolute
  std::filesystem::path policies;  // the folder with ktl's own
  PluginFolders folders;
  std::vector<std::string> worker_plugins;  // ids: their folders are seen inside, to be written
  std::vector<std::string> files;           // that are seen inside as well
};

// What came of it.
struct ClientFence {
  std::string plugin;  // empty: there is none
  json::object made;   // ktl.sandbox/1, of the plugin
  Status missing;      // not ok: why there is none
  bool demanded = false;
  std::string demand;  // "--sandbox", for messages
  pid_t pid = 0;       // of the command that holds the fence
  std::string log;     // what the runtime said, when it failed to start
};

// Whether there is to be one at all: KTL_SANDBOX_DISABLE lifts it.
bool wants_fence(const Request& request);

// Makes what the worker is to write into and cannot make itself behind a fence. The folders that
// were made outside of ktl's own, the innermost first: those that stay empty are to go again.
Result<std::vector<std::filesystem::path>> make_places(const Request& request,
                                                       const FenceGround& ground);

// The ktl.fence/1 document of a request.
json::object fence_document(const Request& request, const FenceGround& ground);

// Those of `registry` that make fences, loaded and created, in the order of their ids.
Result<std::vector<std::unique_ptr<StagePlugin>>> start_sandboxes(
    PluginRegistry& registry, const std::shared_ptr<const Host>& host, const CallContext& context);

// What is to run behind a fence.
struct Inmate {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::vector<int> keep_fds;             // besides 0, 1 and 2
};

// A fence that can be made, with the command that makes it around the inmate.
struct MadeFence {
  std::string plugin;
  json::object made;  // ktl.sandbox/1
  bridge::Wrapped command;
};

// Asks `sandboxes` in their order: the first that takes the policy as it is written, else the first
// that can translate it. The last one's reason when none can.
Result<MadeFence> make_fence(const std::vector<std::unique_ptr<StagePlugin>>& sandboxes,
                             const json::object& fence, const Inmate& inmate,
                             const CallContext& context);

}  // namespace ktl
