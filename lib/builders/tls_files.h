// The files that TLS with a builder needs.
#pragma once

#include <string>

namespace ktl::builder {

// PEM files (RFC 7468); empty: not given.
struct TlsFiles {
  std::string cacert;       // who may sign the builder's certificate; empty: the system's list
  std::string cert;         // our own certificate chain, and
  std::string key;          // its key: both or neither
  std::string server_name;  // what the builder's certificate must be for; empty: the host's name
};

}  // namespace ktl::builder
