// The host services the exporter uses, over a store of the test's.
#pragma once

#include <ktl/iface/host.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace ktl::export_oci {

// Service tables carry no context of their own, so what they serve is here; one test at a time.
struct Services {
  inline static std::string folder;
  inline static std::map<std::string, std::pair<std::string, std::string>> credentials;

  static ktl_status fill(const std::string& text, char* buffer, size_t* size) {
    if (text.size() > *size) {
      return KTL_OUT_OF_RANGE;
    }
    std::memcpy(buffer, text.data(), text.size());
    *size = text.size();
    return KTL_OK;
  }
  static ktl_status give_folder(ktl_call*, char* path, size_t* size) {
    return fill(folder, path, size);
  }
  static ktl_status give_credentials(ktl_call*, ktl_str registry, char* user, size_t* user_size,
                                     char* secret, size_t* secret_size) {
    auto found = credentials.find(std::string(registry.data, registry.size));
    if (found == credentials.end()) {
      return KTL_NOT_FOUND;
    }
    fill(found->second.first, user, user_size);
    return fill(found->second.second, secret, secret_size);
  }
  static ktl_status give_state(ktl_call*, char* path, size_t* size) {
    return fill(folder + "-plugin", path, size);
  }
  static constexpr ktl_host_state_v1 kState = {&give_state, &give_state, &give_state};
  static constexpr ktl_host_content_v1 kContent = {nullptr, nullptr, nullptr, nullptr,
                                                   &give_folder};
  static constexpr ktl_host_auth_v1 kAuth = {&give_credentials};
};

}  // namespace ktl::export_oci
