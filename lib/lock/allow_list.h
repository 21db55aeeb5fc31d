// What RUN steps may reach: the hosts of --allow-network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::lock {

// Hosts by name, as the user wrote them and as the request names them: nothing is looked up.
// Immutable: any thread.
class AllowList {
 public:
  // Each HOST or HOST:PORT; without a port 80 and 443, where http and https are. An IPv6 address
  // stands in brackets. kInvalidArgument names the entry that is none.
  static Result<AllowList> parse(const std::vector<std::string>& entries);

  // The entry that lets a request for the http or https URL pass; nothing: there is none, or it is
  // no URL that can be told apart. User information in the URL does not count.
  [[nodiscard]] std::optional<std::string> match(std::string_view url) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string text;
    std::string host;   // lower case
    uint16_t port = 0;  // 0: 80 and 443
  };
  std::vector<Entry> entries_;
};

}  // namespace ktl::lock
