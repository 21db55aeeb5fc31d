// Hosts and limits of RUN steps: --add-host, --ulimit, --shm-size, --resource.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace ktl::cli {

// "HOST:IP[,IP...]" or "HOST=IP", an IPv6 address also in brackets, as "HOST=IP", one for each
// address. docker's "host-gateway" is refused: only docker's own builder knows what it is.
Result<std::vector<std::string>> read_host(const std::string& word);

// "NAME=SOFT[:HARD]" as "NAME=SOFT:HARD"; -1 is no limit. The names are those of setrlimit(2).
Result<std::string> read_ulimit(const std::string& word);

// Bytes: a number with k, m, g, t or p (powers of 1024), "b" or "ib" after it or not; 1 to 2^62.
Result<int64_t> read_bytes(std::string_view text);

// One limit of docker's --resource, checked: memory and memory-swap in bytes (memory-swap may be
// -1), cpu-shares, cpu-period and cpu-quota as whole numbers, cpuset-cpus and cpuset-mems as lists
// ("0-3,5").
Result<std::pair<std::string, std::string>> read_resource(const std::string& word);

}  // namespace ktl::cli
