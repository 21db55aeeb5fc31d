// The daemon's log: bounded, with one older part beside it.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/status.h"
#include "builder/home.h"

namespace ktl::builder {

// The log, open for appending. The daemon writes to it by itself, also when nobody watches it.
Result<UniqueFd> open_log(const Home& home);

// Moves what is in the log to its older part once there is more than 8 MiB. The descriptor stays
// good; lines written at that very moment may be lost.
void bound_log(const Home& home, const UniqueFd& log);

// The last 20 lines (at most 8 KiB) of a log, each indented by four spaces.
std::string log_tail(const std::filesystem::path& log);

}  // namespace ktl::builder
