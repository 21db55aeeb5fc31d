#include "lock/keep.h"

#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "http/redirect.h"
#include "http/url.h"

namespace ktl::lock {
namespace {

constexpr size_t kMostType = 256;
constexpr size_t kMostReason = 300;

// An index may be written in several forms, and a client says which one it wants. The builder does
// not tell what a step said, so what is common is tried: anything, pip 22 and newer
// (index/collector.py), npm (npm-registry-fetch, pacote).
constexpr std::array<std::string_view, 3> kAccept = {
    "*/*",
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, "
    "text/html; q=0.01",
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"};

// Why it is no lockable GET; empty: it may be one.
std::string obstacle_of(const RecordedRequest& request) {
  const std::string status = std::to_string(request.status);
  if (!request.reason.empty()) {
    return request.reason;
  }
  if (request.method != "GET") {
    return request.method + " is no GET: there is nothing to keep";
  }
  if (request.status >= 300 && request.status < 400) {
    return "the server leads elsewhere (" + status + "): let the step ask there";
  }
  if (request.status == 206) {
    return "it is a part of a file (206)";
  }
  if (request.status != 200) {
    return request.status == 0 ? "no answer came" : "the server answered " + status;
  }
  return request.digest.empty() ? "the builder does not tell the digest of the answer" : "";
}

std::string type_of(const http::Response& answer) {
  const std::string_view type = answer.header("content-type");
  const bool plain = type.size() <= kMostType &&
                     std::ranges::all_of(type, [](char c) { return c >= ' ' && c <= '~'; });
  return plain ? std::string(type) : std::string();
}

std::string encoding_of(const http::Response& answer) {
  const std::string_view encoding = answer.header("content-encoding");
  return encoding == "identity" ? std::string() : std::string(encoding);
}

// One GET; of redirects the last answer.
Result<http::Response> get(http::Transport& transport, const std::string& url,
                           std::string_view accept, bool redirects, int sink) {
  http::Request request;
  request.url = url;
  request.headers = {{"Accept", std::string(accept)}, {"Accept-Encoding", "identity"}};
  request.sink_fd = sink;
  request.response_limit = kMostContent;
  return redirects ? http::send_and_follow(transport, std::move(request)) : transport.send(request);
}

// A conflict of the recording: one step got two contents from one URL.
void drop_ambiguous(Lock& lock) {
  std::ranges::sort(lock.downloads);
  lock.downloads.erase(std::ranges::unique(lock.downloads).begin(), lock.downloads.end());
  for (size_t i = 0; i + 1 < lock.downloads.size();) {
    const Download one = lock.downloads[i];
    auto same = [&one](const Download& other) {
      return other.step == one.step && other.url == one.url;
    };
    if (!same(lock.downloads[i + 1])) {
      ++i;
      continue;
    }
    lock.not_lockable.push_back({one.step, "GET", one.url, "the step got two contents from it"});
    std::erase_if(lock.downloads, same);
  }
}

}  // namespace

Result<Keep::Again> Keep::ask(const std::string& url, const std::string& digest, bool redirects) {
  std::string last;
  for (const std::string_view accept : kAccept) {
    KTL_ASSIGN(const UniqueFd file, store_.create());
    const auto answer = get(transport_, url, accept, redirects, file.get());
    if (answer.status().code() == Code::kCancelled) {
      return answer.status();
    }
    if (!answer.ok()) {
      return Again{0, "", ("asked again: " + answer.status().message()).substr(0, kMostReason)};
    }
    if (answer->status != 200) {
      return Again{0, "", "asked again, the server answers " + std::to_string(answer->status)};
    }
    if (std::string encoding = encoding_of(*answer); !encoding.empty()) {
      return Again{0, "", "its content is encoded (" + encoding.substr(0, 32) + ")"};
    }
    KTL_ASSIGN(const std::string hex, sha256_hex_of_fd(file.get()));
    if ("sha256:" + hex == digest) {
      KTL_TRY(store_.commit(file.get(), digest));
      KTL_ASSIGN(const int64_t size, store_.size(digest));
      return Again{size, type_of(*answer), ""};
    }
    if (hex == last) {
      break;  // the server does not care what is accepted
    }
    last = hex;
  }
  return Again{0, "", "asked again, the server gives another content"};
}

Result<Keep::Again> Keep::ask_again(const std::string& url, const std::string& digest,
                                    bool redirects) {
  const auto known = asked_.find({url, digest});
  if (known != asked_.end()) {
    return known->second;
  }
  KTL_ASSIGN(Again again, ask(url, digest, redirects));
  return asked_[{url, digest}] = std::move(again);
}

Status Keep::add(const RecordedRequest& request, Lock& lock) {
  std::string reason = obstacle_of(request);
  if (reason.empty() && !http::parse_url(request.url).ok()) {
    reason = "its URL carries a password or is none";
  }
  if (reason.empty()) {
    KTL_ASSIGN(const Again again, ask_again(request.url, request.digest, false));
    if (again.reason.empty()) {
      lock.downloads.push_back({request.step, request.url, request.digest, again.size, again.type});
      return {};
    }
    reason = again.reason;
  }
  lock.not_lockable.push_back({request.step, request.method, request.url, std::move(reason)});
  return {};
}

Result<Lock> Keep::lock(const Recorded& recorded) {
  Lock lock;
  lock.files = recorded.files;
  lock.repositories = recorded.repositories;
  for (const auto& [key, image] : recorded.images) {
    lock.images[key] = image.digest;
  }
  for (const RecordedRequest& request : recorded.requests) {
    KTL_TRY(add(request, lock));
  }
  drop_ambiguous(lock);
  for (const auto& [url, digest] : recorded.files) {
    KTL_ASSIGN(const Again again, ask_again(url, digest, true));
    if (!again.reason.empty()) {
      not_kept_[url] = again.reason;
    }
  }
  return lock;
}

}  // namespace ktl::lock
