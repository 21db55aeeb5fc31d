// The private builder's keeper: owns the daemon, its log and its idle time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// Starts the daemon of `home` and stays with it until `cancelled` turns true (SIGTERM), the daemon
// ends, or no client has held the clients' lock for `idle_ms`. Leaves no process, socket or
// instance.json behind. Only one supervisor a home: a second one fails after 10 s.
Status supervise(const Programs& programs, const Home& home, int64_t idle_ms, const Getenv& getenv,
                 const std::function<bool()>& cancelled);

// The last 20 lines (at most 8 KiB) of a log, each indented by four spaces.
std::string log_tail(const std::filesystem::path& log);

}  // namespace ktl::builder
