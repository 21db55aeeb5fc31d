// Calls of LLBBridge: a client that takes a frontend's part in its own build.
#pragma once

#include <functional>
#include <string>

#include "control.pb.h"
#include "gateway.pb.h"
#include "rpc_status.pb.h"
#include "transport/channel.h"

namespace ktl::solver {

// The call of `method` for `build`, the reference of a Control.Solve that was started without a
// frontend. The daemon lets it wait until that build is known.
CallSetup bridge_call(const std::string& build, const char* method, std::string message,
                      std::function<void()> changed = nullptr);

// The frontend and its options that `request` names, as a call of LLBBridge.Solve.
moby::buildkit::v1::frontend::SolveRequest frontend_of(
    const moby::buildkit::v1::SolveRequest& request);

// A failed call's end as an error with the details that came with it.
google::rpc::Status as_error(const CallEnd& end);

// What LLBBridge.Solve ended with, as what Return takes: the result whole, or the error with its
// details, which know the place in the Dockerfile. `asked` has ended.
moby::buildkit::v1::frontend::ReturnRequest answer_of(RemoteCall& asked);

}  // namespace ktl::solver
