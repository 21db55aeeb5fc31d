#include "http/client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "base/json.h"
#include "http/curl_library.h"
#include "http/exchange.h"
#include "http/url.h"

namespace ktl::http {
namespace {

constexpr int kPollMs = 1000;
// https://curl.se/libcurl/c/libcurl-env.html
constexpr std::array<const char*, 5> kProxies = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                                 "all_proxy", "ALL_PROXY"};
constexpr const char* kUserAgent = "ktl/0.1";

Code code_of(CURLcode result) {
  switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
      return Code::kDeadlineExceeded;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Code::kFailedPrecondition;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return Code::kInvalidArgument;
    default:
      return Code::kUnavailable;
  }
}

Status check_headers(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return {Code::kInvalidArgument, "a header with a line break"};
    }
  }
  return {};
}

// "Expect:" without a value keeps curl from waiting for "100 Continue", which few servers send.
curl_slist* header_list(const CurlLibrary& curl, const Headers& headers) {
  curl_slist* list = curl.slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : headers) {
    list = curl.slist_append(list, (name + ": " + value).c_str());
  }
  return list;
}

bool has_proxy(const Route& route) {
  return !route.proxy.empty() || std::ranges::any_of(kProxies, [](const char* name) {
    const char* value = ::getenv(name);
    return value != nullptr && *value != 0;
  });
}

Status failure_of(CURLcode result, const char* text) {
  Status status(code_of(result), valid_utf8(text));
  return status.code() == Code::kFailedPrecondition
             ? std::move(status).advise(
                   "name the authority that signed it under `registries:` in ktl.yaml (ca), or "
                   "in SSL_CERT_FILE")
             : status;
}

}  // namespace

// A curl handle with its connections; used by one request at a time.
struct Handle {
  explicit Handle(const CurlLibrary& library)
      : curl(library), multi(library.multi_init()), easy(library.easy_init()) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    curl.easy_cleanup(easy);
    curl.multi_cleanup(multi);
  }

  // The whole exchange; ok when the server answered.
  Status run(Exchange& exchange, const Url& url, int cancel_fd);

  void set_up(Exchange& exchange, const Url& url, curl_slist* headers, char* error);
  void set_body(Exchange& exchange);
  void set_trust(const Route& route);
  void set_proxy(const Route& route, const Url& url);
  Result<CURLcode> turn(int cancel_fd);

  const CurlLibrary& curl;
  CURLM* multi;
  CURL* easy;
};

struct Client::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Handle>> idle;

  std::unique_ptr<Handle> take(const CurlLibrary& curl);
  void give_back(std::unique_ptr<Handle> handle);
};

void Handle::set_trust(const Route& route) {
  if (const char* file = ::getenv("SSL_CERT_FILE"); file != nullptr && *file != 0) {
    curl.easy_setopt(easy, CURLOPT_CAINFO, file);
  }
  if (const char* folder = ::getenv("SSL_CERT_DIR"); folder != nullptr && *folder != 0) {
    curl.easy_setopt(easy, CURLOPT_CAPATH, folder);
  }
  if (!route.ca_file.empty()) {
    curl.easy_setopt(easy, CURLOPT_CAINFO, route.ca_file.c_str());
  }
  if (route.unchecked) {
    curl.easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl.easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

void Handle::set_proxy(const Route& route, const Url& url) {
  if (is_loopback(url.host)) {
    curl.easy_setopt(easy, CURLOPT_NOPROXY, "*");  // a proxy's localhost is another one
  } else if (!route.proxy.empty()) {
    curl.easy_setopt(easy, CURLOPT_PROXY, route.proxy.c_str());
    curl.easy_setopt(easy, CURLOPT_NOPROXY, route.no_proxy.c_str());
  }
}

void Handle::set_body(Exchange& exchange) {
  const Request& request = exchange.request;
  bool from_file = request.body_fd >= 0;
  exchange.body_size = from_file ? request.body_size : static_cast<int64_t>(request.body.size());
  if (request.method == "HEAD") {
    curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    curl.easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(exchange.body_size));
    curl.easy_setopt(easy, CURLOPT_READFUNCTION, &on_read);
    curl.easy_setopt(easy, CURLOPT_READDATA, &exchange);
    curl.easy_setopt(easy, CURLOPT_SEEKFUNCTION, &on_seek);
    curl.easy_setopt(easy, CURLOPT_SEEKDATA, &exchange);
  }
  curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Handle::set_up(Exchange& exchange, const Url& url, curl_slist* headers, char* error) {
  const Request& request = exchange.request;
  exchange.easy = easy;
  curl.easy_reset(easy);
  curl.easy_setopt(easy, CURLOPT_URL, url.str().c_str());
  curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // signals belong to the program
  curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(easy, CURLOPT_USERAGENT, kUserAgent);
  curl.easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
  curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl.easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl.easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>((request.stall_timeout_ms + 999) / 1000));
  curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl.easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl.easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl.easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10U);
  if (!request.unix_socket.empty()) {
    curl.easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  if (request.far_only && !has_proxy(request.route)) {
    curl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &on_far_socket);
    curl.easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &exchange);
  }
  set_proxy(request.route, url);
  set_trust(request.route);
  set_body(exchange);
}

Result<CURLcode> Handle::turn(int cancel_fd) {
  int running = 1;
  while (running > 0) {
    if (curl.multi_perform(multi, &running) != CURLM_OK) {
      return Status(Code::kInternal, "libcurl's multi interface failed");
    }
    curl_waitfd stop{cancel_fd, CURL_WAIT_POLLIN, 0};
    bool stoppable = cancel_fd >= 0;
    if (running > 0) {
      curl.multi_poll(multi, stoppable ? &stop : nullptr, stoppable ? 1 : 0, kPollMs, nullptr);
    }
    if (stop.revents != 0) {
      return Status(Code::kCancelled, "the transfer was stopped");
    }
  }
  int queued = 0;
  const CURLMsg* message = curl.multi_info_read(multi, &queued);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

Status Handle::run(Exchange& exchange, const Url& url, int cancel_fd) {
  curl_slist* headers = header_list(curl, exchange.request.headers);
  std::array<char, CURL_ERROR_SIZE> error{};
  set_up(exchange, url, headers, error.data());
  curl.multi_add_handle(multi, easy);
  auto result = turn(cancel_fd);
  curl.multi_remove_handle(multi, easy);
  curl.slist_free_all(headers);
  if (!exchange.failure.ok()) {
    return std::move(exchange.failure);
  }
  KTL_TRY(result.status());
  if (*result != CURLE_OK) {
    return failure_of(*result, error[0] != 0 ? error.data() : curl.easy_strerror(*result));
  }
  long status = 0;
  curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  return {};
}

std::string_view Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

Client::Client(int cancel_fd) : pool_(std::make_unique<Pool>()), cancel_fd_(cancel_fd) {}
Client::~Client() = default;

std::unique_ptr<Handle> Client::Pool::take(const CurlLibrary& curl) {
  std::lock_guard lock(mutex);
  if (idle.empty()) {
    return std::make_unique<Handle>(curl);
  }
  auto handle = std::move(idle.back());
  idle.pop_back();
  return handle;
}

void Client::Pool::give_back(std::unique_ptr<Handle> handle) {
  std::lock_guard lock(mutex);
  idle.push_back(std::move(handle));
}

Result<Response> Client::send(const Request& request) {
  KTL_ASSIGN(const CurlLibrary* curl, curl_library());
  KTL_ASSIGN(Url url, parse_url(request.url));
  KTL_TRY(check_headers(request.headers));
  if (request.far_only && is_near(url.host)) {
    return near_refused(url.host);
  }
  auto handle = pool_->take(*curl);
  Exchange exchange{*curl, request};
  Status status = handle->run(exchange, url, cancel_fd_);
  if (!status.ok()) {
    return std::move(status).in(url.origin());  // its handle, in whatever state, goes with it
  }
  pool_->give_back(std::move(handle));
  return std::move(exchange.response);
}

}  // namespace ktl::http
