#include "core/document/fields.h"
#include "core/pipeline/fence_probe.h"
#include "core/pipeline/requirements.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

// The runtime by its file's name: "nsjail".
std::string runtime_of(const ClientFence& fence) {
  const std::string path(text_of(fence.made, "runtime"));
  const std::string version(text_of(fence.made, "version"));
  return path.substr(path.rfind('/') + 1) + (version.empty() ? "" : " " + version);
}

std::string policy_of(const ClientFence& fence, const Request& request) {
  const std::string own(text_of(fence.made, "policy"));
  return request.sandbox.config.empty() ? own : own + " of " + request.sandbox.config;
}

// A mount namespace of its own is what makes it a fence at all.
bool holds(const std::vector<IsolationLine>& lines) {
  for (const IsolationLine& line : lines) {
    if (line.control == "namespace.mnt") {
      return line.value == "own" && line.evidence == "probed";
    }
  }
  return false;
}

Status state_fence(Build& build, const ClientFence& fence) {
  auto process = fenced_process(fence.pid);
  std::vector<IsolationLine> lines =
      process.ok() ? look_at_process(*process) : std::vector<IsolationLine>();
  if (!holds(lines)) {
    return build.fail(
        {Stage::kSandbox,
         Status(Code::kFailedPrecondition,
                fence.plugin + " was to fence the client, and it sees this machine's files")
             .advise("see the log of the sandbox with --sandbox-logs")});
  }
  lines.insert(lines.begin(),
               {{"fence", runtime_of(fence), "probed"},
                {"policy", policy_of(fence, build.request()).substr(0, 255), "declared"}});
  build.isolation.client = std::move(lines);
  for (const std::string& path : build.request().sandbox.probe_paths) {
    build.say("info", "[sandbox] " + path + ": " + look_at_path(*process, path));
  }
  return {};
}

void state_no_fence(Build& build) {
  const std::string network = "host";
  build.isolation.client = {{"fence", "none", "probed"}, {"network", network, "probed"}};
  for (const std::string& path : build.request().sandbox.probe_paths) {
    build.say("info", "[sandbox] " + path + ": there is no sandbox, what is there is visible");
  }
}

// What is seen inside of the user's; the machine's own libraries and the like are only counted. The
// isolation statement has all of it.
std::string binds_of(const ClientFence& fence, const Request& request) {
  std::string text = request.context_kind == "folder"
                         ? request.context + " as " + request.sandbox.workdir
                         : "no folder as context";
  for (const Bind& bind : request.sandbox.binds) {
    text += ", " + bind.src + " as " + bind.dst + (bind.writable ? " (rw)" : "");
  }
  const size_t all = array_of(fence.made, "binds").size();
  const size_t named = request.sandbox.binds.size() + (request.context_kind == "folder" ? 1 : 0);
  return text + ", and " + std::to_string(all - std::min(all, named)) + " paths that ktl needs";
}

void warn_of_missing(const Build& build, const ClientFence& fence) {
  build.say("warn", "client: no sandbox: " + fence.missing.message() +
                        "; ktl itself reads this context with all of your permissions" +
                        (fence.missing.next().empty() ? "" : " (" + fence.missing.next() + ")"));
}

}  // namespace

Status announce_fence(Build& build) {
  const ClientFence& fence = build.setup().fence;
  for (size_t from = 0; from < fence.log.size();) {
    const size_t end = std::min(fence.log.find('\n', from), fence.log.size());
    build.say("warn", "[sandbox] " + fence.log.substr(from, end - from));
    from = end + 1;
  }
  if (fence.missing.ok() && !fence.plugin.empty()) {
    build.say("info", "Running ktl build inside the sandbox (" + runtime_of(fence) + ", policy " +
                          policy_of(fence, build.request()) +
                          "): " + binds_of(fence, build.request()));
    for (const std::string& note : texts_of(fence.made, "notes")) {
      build.say("info", "[sandbox] " + note);
    }
    return {};
  }
  if (!fence.demanded) {
    warn_of_missing(build, fence);
    return {};
  }
  return build.fail(
      {Stage::kSandbox,
       Status(Code::kFailedPrecondition,
              fence.demand + " demands the sandbox, and there is none: " + fence.missing.message())
           .at(fence.missing.where())
           .advise(fence.missing.next().empty() ? "`ktl build sandbox doctor` says what is missing"
                                                : fence.missing.next())});
}

// What is known of the steps comes with the builder.
Status sandbox(Build& build) {
  const ClientFence& fence = build.setup().fence;
  if (fence.plugin.empty() || !fence.missing.ok()) {
    state_no_fence(build);
  } else {
    KTL_TRY(state_fence(build, fence));
  }
  build.isolation.steps = {{"fence", "unknown", "unknown"}, {"network", "unknown", "unknown"}};
  Status required = check_required(build.request().require, "client", build.isolation.client);
  return required.ok() ? required : build.fail({Stage::kSandbox, std::move(required)});
}

}  // namespace ktl
