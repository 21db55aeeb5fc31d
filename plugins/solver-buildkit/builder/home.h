// Where one private builder lives: its folders, its files, and whether they can be trusted.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "builder/settings.h"

namespace ktl::builder {

// One builder a (user and state folder, trust zone, network profile, fence): `key` is made of
// these, so that no builder takes over what steps behind another fence left. "inner" paths are the
// jail's.
struct Home {
  std::string key;               // 12 hex digits
  std::filesystem::path state;   // kept: the daemon's root, its config, its log, the locks
  std::filesystem::path socket;  // where clients find the daemon, out of the jail's reach

  // Where the daemon listens: bound into the jail, and the only thing there that is not kept.
  [[nodiscard]] std::filesystem::path scratch() const { return socket.string() + ".d"; }
  [[nodiscard]] std::filesystem::path daemon_socket() const { return scratch() / "buildkitd.sock"; }
  // slirp4netns' own folder, the supervisor's socket, and what the gate let through and refused.
  [[nodiscard]] std::filesystem::path uplink() const { return socket.string() + ".net"; }
  [[nodiscard]] std::filesystem::path door() const { return socket.string() + ".door"; }
  [[nodiscard]] std::filesystem::path gate_journal() const { return socket.string() + ".gate"; }
  [[nodiscard]] std::filesystem::path inner_sockets() const { return "/run/ktl-" + key; }
  [[nodiscard]] std::filesystem::path inner_socket() const {
    return inner_sockets() / "buildkitd.sock";
  }
  [[nodiscard]] std::filesystem::path inner_config() const {
    return "/etc/ktl-" + key + "/buildkitd.toml";
  }
  [[nodiscard]] std::filesystem::path root() const { return state / "root"; }
  [[nodiscard]] std::filesystem::path config() const { return state / "buildkitd.toml"; }
  [[nodiscard]] std::filesystem::path jail() const { return state / "jail.cfg"; }
  [[nodiscard]] std::filesystem::path log() const { return state / "buildkitd.log"; }
  [[nodiscard]] std::filesystem::path older_log() const { return state / "buildkitd.log.1"; }
  [[nodiscard]] std::filesystem::path instance() const { return state / "instance.json"; }
  [[nodiscard]] std::filesystem::path order() const { return state / "order.json"; }
  [[nodiscard]] std::filesystem::path last_end() const { return state / "last-end.json"; }
  [[nodiscard]] std::filesystem::path made_by() const { return state / "made-by.json"; }
  // Shared: a build uses the daemon. Exclusive: it is being started or stopped.
  [[nodiscard]] std::filesystem::path clients_lock() const { return state / "clients.lock"; }
  // Held from the decision to start a daemon until it runs or has failed.
  [[nodiscard]] std::filesystem::path start_lock() const { return state / "start.lock"; }
  // Held by the supervisor, by the jail's own process, which outlives the daemon, and by the
  // guardian, which outlives both: free when all is gone and swept.
  [[nodiscard]] std::filesystem::path family_lock() const { return state / "family.lock"; }
};

// Finds the home of the builder for this user and these settings below the two folders; makes
// nothing. kInvalidArgument: the zone, the network, or a socket path the kernel cannot take.
Result<Home> home_for(const Settings& settings, bool root,
                      const std::filesystem::path& state_folder,
                      const std::filesystem::path& runtime_folder);

// A builder that has a state folder, running or not.
struct KnownHome {
  std::string zone;
  std::string network;  // "?" when its order is gone
  Home home;
};

// All of them below `state_folder`, by zone.
std::vector<KnownHome> known_homes(const std::filesystem::path& state_folder,
                                   const std::filesystem::path& runtime_folder);

// Makes both folders of the home, mode 0700. One that is a link, that belongs to somebody else or
// that others may write is kFailedPrecondition and is left as it is.
Status make_home(const Home& home);

}  // namespace ktl::builder
