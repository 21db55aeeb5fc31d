// What makes a daemon recognise a context folder it was sent before.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ktl {

// 64 hex digits: the same for the same absolute folder on the same machine, and nothing of either
// can be read from it.
std::string shared_key(std::string_view machine_id, const std::filesystem::path& context);

// machine-id(5), else the host's name. Never empty.
std::string machine_id();

}  // namespace ktl
