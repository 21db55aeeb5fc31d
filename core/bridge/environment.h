// What other processes of ktl get of the user's environment: names from a list, nothing else.
#pragma once

#include <string>
#include <vector>

namespace ktl::bridge {

// NAME=value each, for the worker: what programs, plugins and their helpers need and what holds no
// credential.
std::vector<std::string> worker_environment();

// For a plugin in a process of its own: less, since it starts no builder and talks to none.
std::vector<std::string> isolated_environment();

}  // namespace ktl::bridge
