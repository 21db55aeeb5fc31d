// One request on its way through libcurl, as its callbacks see it. For client.cpp only.
#pragma once

#include "base/status.h"
#include "http/client.h"
#include "http/curl_library.h"

namespace ktl::http {

// Lives as long as the transfer; used by the thread that runs it.
struct Exchange {
  const CurlLibrary& curl;
  const Request& request;
  CURL* easy = nullptr;
  Response response;
  int64_t body_size = 0;
  int64_t sent = 0;
  int64_t received = 0;
  size_t header_bytes = 0;
  Status failure;  // why a callback gave up
};

// https://curl.se/libcurl/c/CURLOPT_READFUNCTION.html and its siblings; `self` is an Exchange.
size_t on_read(char* buffer, size_t size, size_t count, void* self);
int on_seek(void* self, curl_off_t offset, int origin);
size_t on_header(char* data, size_t size, size_t count, void* self);
size_t on_body(char* data, size_t size, size_t count, void* self);
// https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html: no socket for what is_near().
curl_socket_t on_far_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

}  // namespace ktl::http
