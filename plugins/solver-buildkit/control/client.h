// The calls that ktl makes to a builder outside of a build.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "session/session.h"
#include "transport/channel.h"

namespace ktl::solver {

// What a builder says of itself.
struct BuilderInfo {
  std::string version;                 // "v0.34.2"; empty for one older than 0.11
  std::vector<std::string> platforms;  // "linux/amd64", "linux/arm/v7"; the native one first
  std::string state;                   // the name of its cache: kept with it, new when it is new
};

// One connection to a builder. Thread rule: any thread.
class ControlClient {
 public:
  // Opens a connection that carries one session and nothing else.
  using SessionDialer = std::function<Result<std::unique_ptr<Carrier>>(const SessionName&,
                                                                       const std::vector<Method>&)>;

  // Without a dialer sessions go through Control.Session.
  explicit ControlClient(std::unique_ptr<Channel> channel, SessionDialer dialer = nullptr)
      : channel_(std::move(channel)), dialer_(std::move(dialer)) {}

  // Asks for version and platforms, at most 10 s. kUnavailable: nobody answers there.
  Result<BuilderInfo> info();

  // kUnavailable, kUnimplemented: the builder takes none. The client must outlive the session.
  Result<std::unique_ptr<Session>> open_session(const SessionName& name,
                                                const std::vector<Method>& methods);

  Channel& channel() { return *channel_; }

 private:
  std::unique_ptr<Channel> channel_;
  SessionDialer dialer_;
};

}  // namespace ktl::solver
