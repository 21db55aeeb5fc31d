#include "core/pipeline/hold_lock.h"

#include "core/document/fields.h"
#include "core/pipeline/locked_content.h"

namespace ktl {
namespace {

// The socket of the one daemon that there is, when it is on this machine.
Result<std::string> socket_of(const Build& build) {
  const json::object reach =
      build.members.size() == 1 ? object_of(build.members.front(), "reach") : json::object();
  if (text_of(reach, "transport") == "unix" && !text_of(reach, "path").empty()) {
    return std::string(text_of(reach, "path"));
  }
  return Status(Code::kUnimplemented, build.members.size() > 1
                                          ? "ktl.lock has downloads, and there are several builders"
                                          : "ktl.lock has downloads, and the builder is not one of "
                                            "this machine's");
}

Status serve(Build& build) {
  const lock::Lock& lock = *build.plan.lock;
  if (lock.downloads.empty() && lock.files.empty()) {
    return {};
  }
  const Result<std::string> socket = socket_of(build);
  Status status = socket.ok() ? build.held->serve(*socket) : socket.status();
  return status.ok() ? status
                     : Status(status.code(), status.message() +
                                                 ": ktl serves what is locked on the builder's own "
                                                 "loopback, and this one's is out of reach")
                           .advise("use the private builder (--builder auto)");
}

}  // namespace

Status hold_lock(Build& build) {
  if (build.plan.lock == nullptr) {
    return {};
  }
  const BuildSetup& setup = build.setup();
  auto near = lock::AllowList::parse(build.request().allow_network);
  if (!near.ok()) {
    return build.fail({Stage::kSolve, std::move(near).status().in("--allow-network")});
  }
  auto held =
      LockedContent::make(build.plan.lock, *std::move(near), setup.state / "kept",
                          setup.state / "store", std::make_unique<http::Client>(setup.cancel.fd()));
  if (!held.ok()) {
    return build.fail({Stage::kSolve, std::move(held).status().in("kept content")});
  }
  build.held = *std::move(held);
  if (Status served = serve(build); !served.ok()) {
    return build.fail({Stage::kSolve, std::move(served)});
  }
  build.held->bring_images(build.plan.platforms);
  if (setup.serve) {
    setup.serve(
        [held = build.held](const json::value& question) { return held->provide(question); });
  }
  return {};
}

}  // namespace ktl
