// What `--builder` may say, and what `auto` means on this machine.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"

namespace ktl::builder {

// A parsed address. kind kUnix: `path` is the socket; kPrivate: the builder that ktl runs itself.
struct Address {
  enum class Kind { kUnix, kPrivate };
  Kind kind = Kind::kPrivate;
  std::string path;
  std::string origin;  // "--builder", "BUILDKIT_HOST" or "auto": for messages
};

// Reads one environment variable; empty when unset. Tests pass their own.
using Getenv = std::function<std::string(const char*)>;

// Resolves `text`: "unix:///path", or "auto" (also ""), which looks at BUILDKIT_HOST and ends in
// the private builder. Schemes that ktl knows of but does not speak yet are kUnimplemented;
// anything else is kInvalidArgument.
Result<Address> parse_address(const std::string& text, const Getenv& getenv);

}  // namespace ktl::builder
