#include "session/rpc.h"

#include "session/wire.h"

namespace ktl::solver {

std::vector<std::string> Rpc::values(std::string_view key) const {
  const std::string flag = std::string(key) + "-encoded";
  bool encoded = false;
  std::vector<std::string> found;
  for (const auto& [name, value] : metadata()) {
    if (name == key) {
      found.push_back(value);
    } else if (name == flag) {
      encoded = value == "1";
    }
  }
  if (encoded) {
    for (std::string& value : found) {
      value = url_decode(value);
    }
  }
  return found;
}

std::string Rpc::value(std::string_view key) const {
  std::vector<std::string> found = values(key);
  return found.empty() ? std::string() : std::move(found.front());
}

}  // namespace ktl::solver
