// What stands outside of a builder's jail for its network: slirp4netns and the frames to it, or the
// gate; the forwarders to loopback.
#pragma once

#include <sys/types.h>

#include <memory>
#include <vector>

#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// The loopback ports that these settings need: of registries, mirrors and a proxy on this machine.
std::vector<uint16_t> loopback_ports_of(const Settings& settings, const Getenv& getenv);

// Lives as long as the daemon; its end ends every connection. Thread rule: one thread, but for what
// it runs itself.
class Outside {
 public:
  // For the jail with this inmate; `log` (borrowed) gets what slirp4netns says. With the profiles
  // "none" and "host" there is nothing to do. kUnavailable: a device, a port or slirp4netns cannot
  // be had.
  static Result<std::unique_ptr<Outside>> open(const Site& site, pid_t inmate, const Getenv& getenv,
                                               int log);
  virtual ~Outside() = default;

  // Readable when a client asks for something; then answer_client.
  [[nodiscard]] virtual int door() const = 0;
  virtual void answer_client() = 0;
};

// A client's side of the door: has the running builder open forwarders for these ports. Ports that
// are open already stay so. kUnavailable: nobody answers, or a port cannot be had.
Status ask_for_ports(const Home& home, const std::vector<uint16_t>& ports);

}  // namespace ktl::builder
