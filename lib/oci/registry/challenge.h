// What a registry says it wants to see: the WWW-Authenticate header.
// RFC 9110 section 11.6.1; https://distribution.github.io/distribution/spec/auth/token/
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace ktl::oci {

struct Challenge {
  std::string scheme;                         // lower case: "bearer", "basic"
  std::map<std::string, std::string> params;  // names in lower case: realm, service, scope

  [[nodiscard]] std::string param(const std::string& name) const;
};

// All challenges of one header value, at most 16 with 16 parameters each; what cannot be read is
// left out, since a registry may offer schemes ktl has never heard of.
std::vector<Challenge> parse_challenges(std::string_view header);

// The one to answer among all of an answer's headers: bearer before basic. Empty scheme: none.
Challenge choose_challenge(const http::Headers& headers);

}  // namespace ktl::oci
