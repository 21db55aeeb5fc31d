#include "http/curl_library.h"

#include <dlfcn.h>

namespace ktl::http {
namespace {

Status no_library(const char* reason) {
  return Status(Code::kFailedPrecondition,
                "libcurl cannot be loaded: " + std::string(reason == nullptr ? "unknown" : reason))
      .advise("install libcurl4 (Debian) or another package that has libcurl.so.4");
}

template <class F>
bool look_up(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  return function != nullptr;
}

Result<const CurlLibrary*> load() {
  void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return no_library(::dlerror());
  }
  static CurlLibrary curl;
  bool complete = look_up(library, "curl_global_init", curl.global_init) &&
                  look_up(library, "curl_easy_init", curl.easy_init) &&
                  look_up(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                  look_up(library, "curl_easy_reset", curl.easy_reset) &&
                  look_up(library, "curl_easy_setopt", curl.easy_setopt) &&
                  look_up(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                  look_up(library, "curl_easy_strerror", curl.easy_strerror) &&
                  look_up(library, "curl_slist_append", curl.slist_append) &&
                  look_up(library, "curl_slist_free_all", curl.slist_free_all) &&
                  look_up(library, "curl_multi_init", curl.multi_init) &&
                  look_up(library, "curl_multi_cleanup", curl.multi_cleanup) &&
                  look_up(library, "curl_multi_add_handle", curl.multi_add_handle) &&
                  look_up(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
                  look_up(library, "curl_multi_perform", curl.multi_perform) &&
                  look_up(library, "curl_multi_poll", curl.multi_poll) &&
                  look_up(library, "curl_multi_info_read", curl.multi_info_read);
  if (!complete) {
    return no_library(::dlerror());
  }
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return no_library("curl_global_init failed");
  }
  return &curl;
}

}  // namespace

Result<const CurlLibrary*> curl_library() {
  static const Result<const CurlLibrary*> kLoaded = load();
  return kLoaded;
}

}  // namespace ktl::http
