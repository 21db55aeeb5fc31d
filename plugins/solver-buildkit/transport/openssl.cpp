#include "transport/openssl.h"

#include <dlfcn.h>

#include <string>

namespace ktl::solver {
namespace {

Status no_library() {
  const char* reason = ::dlerror();
  return Status(Code::kFailedPrecondition,
                "libssl cannot be loaded: " + std::string(reason == nullptr ? "unknown" : reason))
      .advise("install libssl3 (Debian) or another package that has libssl.so.3");
}

// libcrypto's functions are found as well: libssl needs it.
template <class F>
bool look_up(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  return function != nullptr;
}

Result<const OpenSsl*> load() {
  void* library = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return no_library();
  }
  static OpenSsl ssl;
  bool complete =
      look_up(library, "ERR_clear_error", ssl.ERR_clear_error) &&
      look_up(library, "ERR_peek_last_error", ssl.ERR_peek_last_error) &&
      look_up(library, "ERR_reason_error_string", ssl.ERR_reason_error_string) &&
      look_up(library, "EVP_DigestSign", ssl.EVP_DigestSign) &&
      look_up(library, "EVP_DigestSignInit", ssl.EVP_DigestSignInit) &&
      look_up(library, "EVP_MD_CTX_free", ssl.EVP_MD_CTX_free) &&
      look_up(library, "EVP_MD_CTX_new", ssl.EVP_MD_CTX_new) &&
      look_up(library, "EVP_PKEY_Q_keygen", ssl.EVP_PKEY_Q_keygen) &&
      look_up(library, "EVP_PKEY_free", ssl.EVP_PKEY_free) &&
      look_up(library, "EVP_PKEY_get_raw_public_key", ssl.EVP_PKEY_get_raw_public_key) &&
      look_up(library, "SSL_CTX_check_private_key", ssl.SSL_CTX_check_private_key) &&
      look_up(library, "SSL_CTX_ctrl", ssl.SSL_CTX_ctrl) &&
      look_up(library, "SSL_CTX_free", ssl.SSL_CTX_free) &&
      look_up(library, "SSL_CTX_load_verify_locations", ssl.SSL_CTX_load_verify_locations) &&
      look_up(library, "SSL_CTX_new", ssl.SSL_CTX_new) &&
      look_up(library, "SSL_CTX_set_default_verify_paths", ssl.SSL_CTX_set_default_verify_paths) &&
      look_up(library, "SSL_CTX_set_options", ssl.SSL_CTX_set_options) &&
      look_up(library, "SSL_CTX_set_verify", ssl.SSL_CTX_set_verify) &&
      look_up(library, "SSL_CTX_use_PrivateKey_file", ssl.SSL_CTX_use_PrivateKey_file) &&
      look_up(library, "SSL_CTX_use_certificate_chain_file",
              ssl.SSL_CTX_use_certificate_chain_file) &&
      look_up(library, "SSL_connect", ssl.SSL_connect) &&
      look_up(library, "SSL_ctrl", ssl.SSL_ctrl) && look_up(library, "SSL_free", ssl.SSL_free) &&
      look_up(library, "SSL_get0_alpn_selected", ssl.SSL_get0_alpn_selected) &&
      look_up(library, "SSL_get0_param", ssl.SSL_get0_param) &&
      look_up(library, "SSL_get_error", ssl.SSL_get_error) &&
      look_up(library, "SSL_get_verify_result", ssl.SSL_get_verify_result) &&
      look_up(library, "SSL_new", ssl.SSL_new) &&
      look_up(library, "SSL_read_ex", ssl.SSL_read_ex) &&
      look_up(library, "SSL_set1_host", ssl.SSL_set1_host) &&
      look_up(library, "SSL_set_alpn_protos", ssl.SSL_set_alpn_protos) &&
      look_up(library, "SSL_set_fd", ssl.SSL_set_fd) &&
      look_up(library, "SSL_write_ex", ssl.SSL_write_ex) &&
      look_up(library, "TLS_client_method", ssl.TLS_client_method) &&
      look_up(library, "X509_VERIFY_PARAM_set1_ip_asc", ssl.X509_VERIFY_PARAM_set1_ip_asc) &&
      look_up(library, "X509_verify_cert_error_string", ssl.X509_verify_cert_error_string);
  return complete ? Result<const OpenSsl*>(&ssl) : no_library();
}

}  // namespace

Result<const OpenSsl*> openssl() {
  static const Result<const OpenSsl*> kLoaded = load();
  return kLoaded;
}

}  // namespace ktl::solver
