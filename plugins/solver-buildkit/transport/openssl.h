// OpenSSL, loaded when the first builder is spoken to over TLS or wants a token's key.
//
// Linked into the plugin, it was three quarters of it: 110 pages that every build changed while it
// was loaded, for builders on a local socket too.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/status.h"

namespace ktl::solver {

// https://docs.openssl.org/3.0/man3/. Functions keep their names, so that OpenSSL's macros, which
// call them, work on this table too.
struct OpenSsl {
  decltype(&::ERR_clear_error) ERR_clear_error;
  decltype(&::ERR_peek_last_error) ERR_peek_last_error;
  decltype(&::ERR_reason_error_string) ERR_reason_error_string;
  decltype(&::EVP_DigestSign) EVP_DigestSign;
  decltype(&::EVP_DigestSignInit) EVP_DigestSignInit;
  decltype(&::EVP_MD_CTX_free) EVP_MD_CTX_free;
  decltype(&::EVP_MD_CTX_new) EVP_MD_CTX_new;
  decltype(&::EVP_PKEY_Q_keygen) EVP_PKEY_Q_keygen;
  decltype(&::EVP_PKEY_free) EVP_PKEY_free;
  decltype(&::EVP_PKEY_get_raw_public_key) EVP_PKEY_get_raw_public_key;
  decltype(&::SSL_CTX_check_private_key) SSL_CTX_check_private_key;
  decltype(&::SSL_CTX_ctrl) SSL_CTX_ctrl;
  decltype(&::SSL_CTX_free) SSL_CTX_free;
  decltype(&::SSL_CTX_load_verify_locations) SSL_CTX_load_verify_locations;
  decltype(&::SSL_CTX_new) SSL_CTX_new;
  decltype(&::SSL_CTX_set_default_verify_paths) SSL_CTX_set_default_verify_paths;
  decltype(&::SSL_CTX_set_options) SSL_CTX_set_options;
  decltype(&::SSL_CTX_set_verify) SSL_CTX_set_verify;
  decltype(&::SSL_CTX_use_PrivateKey_file) SSL_CTX_use_PrivateKey_file;
  decltype(&::SSL_CTX_use_certificate_chain_file) SSL_CTX_use_certificate_chain_file;
  decltype(&::SSL_connect) SSL_connect;
  decltype(&::SSL_ctrl) SSL_ctrl;
  decltype(&::SSL_free) SSL_free;
  decltype(&::SSL_get0_alpn_selected) SSL_get0_alpn_selected;
  decltype(&::SSL_get0_param) SSL_get0_param;
  decltype(&::SSL_get_error) SSL_get_error;
  decltype(&::SSL_get_verify_result) SSL_get_verify_result;
  decltype(&::SSL_new) SSL_new;
  decltype(&::SSL_read_ex) SSL_read_ex;
  decltype(&::SSL_set1_host) SSL_set1_host;
  decltype(&::SSL_set_alpn_protos) SSL_set_alpn_protos;
  decltype(&::SSL_set_fd) SSL_set_fd;
  decltype(&::SSL_write_ex) SSL_write_ex;
  decltype(&::TLS_client_method) TLS_client_method;
  decltype(&::X509_VERIFY_PARAM_set1_ip_asc) X509_VERIFY_PARAM_set1_ip_asc;
  decltype(&::X509_verify_cert_error_string) X509_verify_cert_error_string;
};

// Loads it once; the table lives as long as the program. kFailedPrecondition when the machine has
// no libssl.so.3. Any thread.
Result<const OpenSsl*> openssl();

}  // namespace ktl::solver
