#include "http/exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/fd.h"
#include "http/url.h"

namespace ktl::http {
namespace {

constexpr size_t kMaxHeaders = 64U << 10U;

size_t give_up(Exchange& exchange, Status why) {
  exchange.failure = std::move(why);
  return 0;  // less than curl asked for: it stops
}

// As a URL has it; empty: no address of the internet protocol.
std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return text.data();
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]";
  }
  return {};
}

void keep_header(std::string_view line, Headers& headers) {
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return;
  }
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
  headers.emplace_back(lower(line.substr(0, colon)), value);
}

}  // namespace

size_t on_read(char* buffer, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const Request& request = exchange.request;
  auto left = static_cast<size_t>(exchange.body_size - exchange.sent);
  size_t want = std::min(size * count, left);
  if (request.body_fd < 0) {
    std::copy_n(request.body.data() + exchange.sent, want, buffer);
  } else if (want > 0) {
    ssize_t n = ::pread(request.body_fd, buffer, want, request.body_offset + exchange.sent);
    if (n <= 0) {
      exchange.failure = n < 0 ? errno_status("read what is to be sent", errno)
                               : Status(Code::kDataLoss, "the file to send became shorter");
      return CURL_READFUNC_ABORT;
    }
    want = static_cast<size_t>(n);
  }
  exchange.sent += static_cast<int64_t>(want);
  if (request.on_sent) {
    request.on_sent(exchange.sent);
  }
  return want;
}

// curl starts the body again when a kept connection turned out to be dead.
int on_seek(void* self, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (origin != SEEK_SET || offset < 0 || offset > exchange.body_size) {
    return CURL_SEEKFUNC_FAIL;
  }
  exchange.sent = offset;
  return CURL_SEEKFUNC_OK;
}

size_t on_header(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string_view line(data, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kMaxHeaders) {
    return give_up(exchange,
                   {Code::kResourceExhausted, "the answer has more than 64 KiB of headers"});
  }
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();  // of an interim answer or a proxy's
    return line.size();
  }
  keep_header(line, exchange.response.headers);
  return line.size();
}

size_t on_body(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string_view bytes(data, size * count);
  exchange.received += static_cast<int64_t>(bytes.size());
  if (exchange.received > exchange.request.response_limit) {
    return give_up(exchange, {Code::kResourceExhausted,
                              "the answer has more than " +
                                  std::to_string(exchange.request.response_limit) + " bytes"});
  }
  long status = 0;
  exchange.curl.easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  if (exchange.request.sink_fd < 0 || status < 200 || status > 299) {
    exchange.response.body.append(bytes);
    return bytes.size();
  }
  Status written = write_all(exchange.request.sink_fd, bytes);
  return written.ok() ? bytes.size() : give_up(exchange, std::move(written));
}

curl_socket_t on_far_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (const std::string text = text_of(address->addr); is_near(text)) {
    exchange.failure = near_refused(text);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace ktl::http
