#include "oci/registry/registry.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/sha256.h"
#include "http/redirect.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/registry/error_answer.h"

namespace ktl::oci {
namespace {

constexpr int kMaxRedirects = 5;
constexpr int64_t kMaxPauseMs = 10'000;
constexpr int64_t kMaxRetryAfterS = 60;
constexpr auto kSlice = std::chrono::milliseconds(50);

bool speaks_plain(const Reference& repository, const RegistryOptions& options) {
  return options.plain_http || (!options.tls && is_loopback_registry(repository.domain));
}

http::Url base_url(const Reference& repository, bool plain) {
  // The parts of a Reference are valid, so this is a URL.
  auto url = http::parse_url((plain ? "http://" : "https://") + repository.registry_host() +
                             "/v2/" + repository.path + "/");
  return url.ok() ? *url : http::Url();
}

bool is_temporary(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

bool is_temporary(const Status& status) {
  return status.code() == Code::kUnavailable || status.code() == Code::kDeadlineExceeded;
}

http::Headers accept_manifests() {
  return {{"Accept", std::string(kIndexType)},
          {"Accept", std::string(kManifestType)},
          {"Accept", std::string(kDockerListType)},
          {"Accept", std::string(kDockerManifestType)}};
}

}  // namespace

Registry::Registry(http::Transport& transport, const Reference& repository, RegistryOptions options)
    : transport_(transport),
      options_(std::move(options)),
      name_(repository.name()),
      base_(base_url(repository, speaks_plain(repository, options_))),
      authorizer_(
          transport,
          {repository.domain,
           base_.scheme == "https",
           {"repository:" + repository.path + (options_.only_reads ? ":pull" : ":pull,push")}},
          options_.credentials) {}

http::Request Registry::request(const char* method, const std::string& path) const {
  http::Request made;
  made.method = method;
  made.url = base_.str() + path;
  made.timeout_ms = options_.timeout_ms;
  made.stall_timeout_ms = 300'000;  // registries hash and copy large blobs before they answer
  return made;
}

Status Registry::failure(const std::string& what, const http::Response& response) const {
  return failure_of_answer(name_, what, response);
}

Status Registry::broken(Status status) const {
  bool advised = !is_temporary(status) || !status.next().empty();
  status = std::move(status).in(name_);
  return advised ? status
                 : std::move(status).advise(
                       "check that the registry is named right and runs, and "
                       "what HTTPS_PROXY and NO_PROXY say");
}

Status Registry::pause(int attempt, std::string_view retry_after) const {
  int64_t pause_ms = std::min(options_.first_pause_ms << std::min(attempt, 10), kMaxPauseMs);
  int64_t seconds = 0;
  std::from_chars(retry_after.begin(), retry_after.end(), seconds);
  pause_ms = std::max(pause_ms, std::clamp<int64_t>(seconds, 0, kMaxRetryAfterS) * 1000);
  auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(pause_ms);
  while (std::chrono::steady_clock::now() < until) {
    if (options_.stop && options_.stop()) {
      return {Code::kCancelled, "stopped while waiting to try " + name_ + " again"};
    }
    std::this_thread::sleep_for(std::min(kSlice, std::chrono::milliseconds(pause_ms)));
  }
  return {};
}

// With our Authorization header when the request goes to the registry itself, and only then.
Result<http::Response> Registry::authorized(const http::Request& request) {
  KTL_ASSIGN(http::Url url, http::parse_url(request.url));
  if (url.origin() != base_.origin()) {
    return transport_.send(request);
  }
  for (int round = 0;; ++round) {
    auto ticket = authorizer_.ticket();
    http::Request with = request;
    if (!ticket.value.empty()) {
      with.headers.emplace_back("Authorization", ticket.value);
    }
    KTL_ASSIGN(http::Response response, transport_.send(with));
    if (response.status != 401 || round > 0) {
      return response;
    }
    KTL_TRY(authorizer_.answer(choose_challenge(response.headers), ticket));
  }
}

// Registries send readers to their storage. Only requests without a body are sent elsewhere.
Result<http::Response> Registry::follow(const http::Request& request, http::Response response) {
  http::Request next = request;
  for (int hop = 0; http::is_redirect(response.status) && hop < kMaxRedirects; ++hop) {
    KTL_ASSIGN(http::Url from, http::parse_url(next.url));
    KTL_ASSIGN(http::Url to, http::resolve(from, response.header("location")));
    KTL_TRY(http::may_follow(from, to));
    next.url = to.str();
    KTL_ASSIGN(response, authorized(next));
  }
  return response;
}

Result<http::Response> Registry::send_once(const http::Request& request) {
  KTL_ASSIGN(http::Response response, authorized(request));
  bool reads = request.method == "GET" || request.method == "HEAD";
  return reads ? follow(request, std::move(response)) : std::move(response);
}

Result<http::Response> Registry::send(const http::Request& request) {
  for (int attempt = 0;; ++attempt) {
    auto answer = send_once(request);
    bool again = answer.ok() ? is_temporary(answer->status) : is_temporary(answer.status());
    if (!again || attempt + 1 >= options_.attempts) {
      return answer.ok() ? std::move(answer) : broken(std::move(answer).status());
    }
    KTL_TRY(pause(attempt, answer.ok() ? answer->header("retry-after") : ""));
  }
}

Result<bool> Registry::has_blob(const Descriptor& blob) {
  KTL_ASSIGN(http::Response response, send(request("HEAD", "blobs/" + blob.digest)));
  if (response.status == 404) {
    return false;
  }
  return response.ok() ? Result<bool>(true) : failure("look for " + blob.digest, response);
}

// What a broken attempt has written is written over.
Status Registry::read_blob(const Descriptor& blob, int fd) {
  http::Request get = request("GET", "blobs/" + blob.digest);
  get.sink_fd = fd;
  get.response_limit = blob.size;
  for (int attempt = 0;; ++attempt) {
    if (::ftruncate(fd, 0) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) {
      return errno_status("write " + blob.digest, errno);
    }
    auto answer = send_once(get);
    const bool again = answer.ok() ? is_temporary(answer->status) : is_temporary(answer.status());
    if (!again || attempt + 1 >= options_.attempts) {
      return !answer.ok()   ? broken(std::move(answer).status())
             : answer->ok() ? Status()
                            : failure("read " + blob.digest, *answer);
    }
    KTL_TRY(pause(attempt, answer.ok() ? answer->header("retry-after") : ""));
  }
}

// POST opens an upload and says where it goes, one PUT sends all of it and closes it.
Status Registry::upload_once(const Descriptor& blob, int fd,
                             const std::function<void(int64_t)>& on_sent, bool& again) {
  KTL_ASSIGN(http::Response opened, send(request("POST", "blobs/uploads/")));
  if (opened.status != 202) {
    return failure("upload " + blob.digest, opened);
  }
  KTL_ASSIGN(http::Url place, http::resolve(base_, opened.header("location")));
  KTL_TRY(http::may_follow(base_, place));
  http::Request put = request("PUT", "");
  bool query = place.target.find('?') != std::string::npos;
  put.url = place.str() + (query ? "&" : "?") + "digest=" + http::percent_encode(blob.digest);
  put.headers.emplace_back("Content-Type", "application/octet-stream");
  put.body_fd = fd;
  put.body_size = blob.size;
  put.on_sent = on_sent;
  auto answer = send_once(put);
  again = answer.ok() ? is_temporary(answer->status) : is_temporary(answer.status());
  if (!answer.ok()) {
    return broken(std::move(answer).status());
  }
  return answer->status == 201 || answer->status == 204 ? Status()
                                                        : failure("upload " + blob.digest, *answer);
}

Status Registry::upload_blob(const Descriptor& blob, int fd,
                             const std::function<void(int64_t)>& on_sent) {
  for (int attempt = 0;; ++attempt) {
    bool again = false;
    Status status = upload_once(blob, fd, on_sent, again);
    if (!again || attempt + 1 >= options_.attempts) {
      return status;
    }
    KTL_TRY(pause(attempt, ""));
  }
}

Result<std::optional<std::string>> Registry::manifest_digest(const std::string& reference) {
  http::Request head = request("HEAD", "manifests/" + reference);
  head.headers = accept_manifests();
  KTL_ASSIGN(http::Response response, send(head));
  if (response.status == 404) {
    return std::optional<std::string>();
  }
  std::string digest(response.header("docker-content-digest"));
  if (!response.ok() || !is_digest(digest)) {
    return failure("look for " + reference, response);
  }
  return std::optional<std::string>(std::move(digest));
}

Result<std::string> Registry::manifest(const std::string& digest) {
  http::Request get = request("GET", "manifests/" + digest);
  get.headers = accept_manifests();
  get.response_limit = static_cast<int64_t>(kMaxManifestBytes);
  KTL_ASSIGN(http::Response response, send(get));
  if (!response.ok()) {
    return failure("read manifest " + digest, response);
  }
  if (digest_of(response.body) != digest) {
    return Status(Code::kDataLoss, name_ + " gave other bytes for manifest " + digest);
  }
  return std::move(response.body);
}

Status Registry::put_manifest(const std::string& reference, std::string_view media_type,
                              std::string_view bytes) {
  http::Request put = request("PUT", "manifests/" + reference);
  put.headers.emplace_back("Content-Type", media_type);
  put.body = bytes;
  KTL_ASSIGN(http::Response response, send(put));
  if (!response.ok()) {
    return failure("put manifest " + reference, response);
  }
  auto digest = response.header("docker-content-digest");
  if (is_digest(digest) && digest != digest_of(bytes)) {
    return {Code::kDataLoss, name_ + " stored manifest " + reference + " as " +
                                 std::string(digest) + " instead of " + digest_of(bytes)};
  }
  return {};
}

Status Registry::remove_tag(const std::string& tag) {
  KTL_ASSIGN(http::Response response, send(request("DELETE", "manifests/" + tag)));
  if (response.ok() || response.status == 404) {
    return {};
  }
  return failure("remove tag " + tag, response);
}

}  // namespace ktl::oci
