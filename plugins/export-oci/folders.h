// Where ktl keeps things of this plugin.
#pragma once

#include <filesystem>
#include <ktl/call.hpp>

namespace ktl::export_oci {

// What is lost without harm.
inline std::filesystem::path cache_of(const Call& call) {
  return call.path(call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID).cache);
}

// Notes of what is being written, see output_note.h.
inline std::filesystem::path notes_of(const Call& call) {
  return std::filesystem::path(
             call.path(call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID).state)) /
         "outputs";
}

}  // namespace ktl::export_oci
