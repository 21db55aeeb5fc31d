// The calls that ktl makes to a builder outside of a build.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "control.grpc.pb.h"

namespace ktl::solver {

// What a builder says of itself.
struct BuilderInfo {
  std::string version;                 // "v0.34.2"; empty for one older than 0.11
  std::vector<std::string> platforms;  // "linux/amd64", "linux/arm/v7"; the native one first
};

// One connection to a builder. Thread rule: any thread.
class ControlClient {
 public:
  explicit ControlClient(const std::shared_ptr<grpc::Channel>& channel);

  // Asks for version and platforms, at most 10 s each. kUnavailable: nobody answers there.
  Result<BuilderInfo> info();

  moby::buildkit::v1::Control::Stub& stub() { return *stub_; }

 private:
  std::unique_ptr<moby::buildkit::v1::Control::Stub> stub_;
};

}  // namespace ktl::solver
