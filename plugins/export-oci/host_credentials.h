// Registry credentials through ktl.host.auth/1.
#pragma once

#include <ktl/call.hpp>

#include "oci/registry/authorizer.h"

namespace ktl::export_oci {

// Valid as long as `call`. Buffers are zeroed after use.
oci::CredentialSource host_credentials(const Call& call);

}  // namespace ktl::export_oci
