// libcurl, loaded when the first request is made.
//
// libcurl brings about thirty libraries along (TLS, HTTP/2, Kerberos, LDAP, ...). A build that
// pushes nothing must neither pay for loading them at start nor fail because they are missing, so
// nothing links it: its few functions are looked up in this table.
#pragma once

#include <curl/curl.h>

#include "base/status.h"

namespace ktl::http {

// https://curl.se/libcurl/c/. Functions keep the names they have there, without "curl_".
struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_info_read) multi_info_read;
};

// Loads and initialises it once; the table lives as long as the program. kFailedPrecondition when
// the machine has no libcurl.so.4. Any thread.
Result<const CurlLibrary*> curl_library();

}  // namespace ktl::http
