// The daemons that one `--builder` means, connected.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "builders/address.h"
#include "control/client.h"
#include "host.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {

// How ktl opens the way to a daemon, and what it says about it.
struct Reach {
  builder::Address there;  // connected by ktl: its path, host and command are for messages
  std::string door;        // what ktl calls it, and
  size_t node = 0;
  std::string kind;  // "private" or "external"
  std::string note;
  bool steps_fenced = false;
};

// One daemon to connect to. `address` is what --builder takes; `tls` adds to what it says.
struct MemberWish {
  std::string address;
  std::vector<std::string> platforms;  // that it is to build; empty: what it says itself
  builder::TlsFiles tls;
  std::optional<Reach> reach;
};

// One that answered. The client keeps its connection.
struct Member {
  builder::Address address;
  std::string kind;
  std::string note;
  bool steps_fenced = false;
  std::vector<std::string> platforms;
  BuilderInfo info;
  std::unique_ptr<ControlClient> client;
};

// Those of a ktl.builder/1 document: its "members", or its address.
std::vector<MemberWish> wishes_of(const json::value& document);

// Connects every one. Of one without a reach the address is followed here; a name that buildx knows
// may stand for several. `host` opens the ways to them and must outlive the members. kUnavailable
// names who does not answer; otherwise as builder::parse_address and follow_names.
Result<std::vector<Member>> join_members(const std::vector<MemberWish>& wishes,
                                         const builder::Getenv& getenv, Host& host,
                                         const Cancelled& cancelled);

// The ktl.features/1 document: of one daemon, or of all together with each under "members".
json::object features_of(const std::vector<Member>& members);

// What one member is to build.
struct Share {
  size_t member = 0;
  std::vector<std::string> platforms;  // empty: the member's own
};

// Gives each platform to the first member that was told to build it, else to the first whose own
// machine it is, else to the first that can emulate it, else to the first (which can still build
// what runs no step). In the order of the members, without those that have nothing to do.
std::vector<Share> share_out(const std::vector<std::string>& platforms,
                             const std::vector<Member>& members);

}  // namespace ktl::solver
