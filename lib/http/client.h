// A small HTTP client: one request, one answer, everything bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace ktl::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// How to get there, where that is not the usual way.
struct Route {
  std::string ca_file;     // PEM; trusted besides the system's authorities
  bool unchecked = false;  // whoever answers is believed
  std::string proxy;       // "http://HOST:PORT"; empty: as the environment says
  std::string no_proxy;    // hosts reached directly all the same, separated by commas
  std::string as_for;      // for who chooses the way: a name to go by if the host has none
};

// What to send. The body is `body`, or when `body_fd` is given `body_size` bytes of that file from
// `body_offset` on (read by pread, so that a request can be sent again; borrowed).
struct Request {
  std::string method = "GET";
  std::string url;
  std::string unix_socket;  // connect there instead of to the URL's host; empty: to the host
  Route route;
  // Refused (kPermissionDenied) where the URL's host, or an address that its name has, is_near();
  // where a proxy looks names up only the host is judged.
  bool far_only = false;
  Headers headers;
  std::string body;
  int body_fd = -1;
  int64_t body_offset = 0;
  int64_t body_size = 0;
  // Bytes of the body handed over so far; called from the thread of send(), often.
  std::function<void(int64_t)> on_sent;

  // A 2xx answer's body is written to `sink_fd` when given, else kept in Response.body.
  int sink_fd = -1;
  int64_t response_limit = 4 << 20;  // bytes of body; more is kResourceExhausted

  int64_t connect_timeout_ms = 30'000;
  int64_t stall_timeout_ms = 60'000;  // no byte in either direction for so long
  int64_t timeout_ms = 0;             // the whole exchange; 0: no limit
};

struct Response {
  int status = 0;
  Headers headers;  // names in lower case, at most 64 KiB in all
  std::string body;

  // The first header of that lower-case name, "" when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// Where requests go; tests put a double in its place. [any thread]
class Transport {
 public:
  virtual ~Transport() = default;
  // Ok with any status the server gave. Redirects are not followed: whoever sends credentials
  // decides where to. kUnavailable: no connection; kDeadlineExceeded; kCancelled;
  // kFailedPrecondition: the server's certificate is not trusted; kPermissionDenied: `far_only`.
  virtual Result<Response> send(const Request& request) = 0;
};

// The real one, over libcurl. Connections are kept and used again. Proxies as curl reads them from
// the environment (http_proxy, HTTPS_PROXY, NO_PROXY, ...), never for loopback addresses; trusted
// certificates from SSL_CERT_FILE and SSL_CERT_DIR, else the system's.
class Client : public Transport {
 public:
  // `cancel_fd`: readable when all requests shall stop; borrowed, -1 for none.
  explicit Client(int cancel_fd = -1);
  ~Client() override;
  Result<Response> send(const Request& request) override;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
  int cancel_fd_;
};

}  // namespace ktl::http
