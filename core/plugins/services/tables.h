// The host services as plugins see them (ktl/iface/host.h): one table each, for ever.
#pragma once

#include <ktl/iface/host.h>

#include <string_view>

namespace ktl {

const ktl_host_content_v1& content_table();
const ktl_host_auth_v1& auth_table();
const ktl_host_secret_v1& secret_table();
const ktl_host_state_v1& state_table();
const ktl_host_files_v1& files_table();
const ktl_host_process_v1& process_table();
const ktl_host_redact_v1& redact_table();
const ktl_host_policy_v1& policy_table();
const ktl_host_builder_v1& builder_table();
const ktl_host_terminal_v1& terminal_table();

// How every service answers with bytes: copies `bytes` into `out` if they fit into *size, and says
// in *size how many there are. KTL_OK, or KTL_OUT_OF_RANGE when they do not fit.
ktl_status fill(std::string_view bytes, char* out, size_t* size);

}  // namespace ktl
