// From the builder that was asked for to daemons that can be opened.
#pragma once

#include "builders/address.h"
#include "core/pipeline/build.h"

namespace ktl {

// The ktl.builder/1 document of the request with the "reach" of every daemon: names are followed
// here, where the user's configuration is, and a builder that ktl keeps itself is leased until the
// build ends. What is around its steps goes into the isolation statement. A failure is recorded.
Result<json::object> reach_builder(Build& build);

// The PEM files with which the request's builders are spoken to: the worker speaks TLS, so it has
// to see them. What cannot be followed has none; whoever connects will say why.
std::vector<std::string> tls_files_of(const Request& request, const builder::Getenv& getenv);

// Gives the leases back before the build ends, because a builder that was leased is gone.
// False: there are none.
bool drop_leases(Build& build);

}  // namespace ktl
