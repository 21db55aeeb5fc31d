// The http and https URLs that ktl follows. RFC 3986, the parts a registry's answers use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::http {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address in brackets
  uint16_t port = 0;   // the scheme's default when none is written
  std::string target;  // path and query, starts with "/"

  // Scheme, host and port: what credentials belong to.
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] std::string str() const { return origin() + target; }
};

// Refuses other schemes, user information, control characters and spaces, and more than 8 KiB.
// A fragment is dropped.
Result<Url> parse_url(std::string_view text);

// What `reference` (absolute, "//host/path", "/path" or "path?query") means seen from `base`.
Result<Url> resolve(const Url& base, std::string_view reference);

// `text` as one query value or path segment: all but unreserved characters as %XX.
std::string percent_encode(std::string_view text);

// ASCII letters in lower case: header names, schemes and hosts are compared that way.
std::string lower(std::string_view text);

// True for localhost, 127.0.0.0/8 and ::1, as Url.host writes them.
bool is_loopback(std::string_view host);

// True for what no stranger may send a client to: this machine and its link, where metadata
// services are. localhost and names below it, 0.0.0.0/8, 127.0.0.0/8 and 169.254.0.0/16 in any
// spelling that inet_aton(3) takes ("127.1", "0x7f000001"), ::, ::1, fe80::/10, and such IPv4
// addresses in IPv6.
bool is_near(std::string_view host);

// kPermissionDenied: `host` is near, and whoever named it may not.
Status near_refused(std::string_view host);

}  // namespace ktl::http
