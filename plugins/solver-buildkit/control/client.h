// The calls that ktl makes to a builder outside of a build.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "transport/channel.h"

namespace ktl::solver {

// What a builder says of itself.
struct BuilderInfo {
  std::string version;                 // "v0.34.2"; empty for one older than 0.11
  std::vector<std::string> platforms;  // "linux/amd64", "linux/arm/v7"; the native one first
};

// One connection to a builder. Thread rule: any thread.
class ControlClient {
 public:
  explicit ControlClient(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  // Asks for version and platforms, at most 10 s. kUnavailable: nobody answers there.
  Result<BuilderInfo> info();

  Channel& channel() { return *channel_; }

 private:
  std::unique_ptr<Channel> channel_;
};

}  // namespace ktl::solver
