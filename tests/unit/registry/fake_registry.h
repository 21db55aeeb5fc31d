// A registry in memory: blobs, manifests, tags and, when asked, a token or a password at its door.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/json.h"
#include "base/sha256.h"
#include "http/client.h"
#include "http/url.h"

namespace ktl::oci {

class FakeRegistry : public http::Transport {
 public:
  std::map<std::string, std::string> blobs;      // digest -> bytes
  std::map<std::string, std::string> manifests;  // digest or tag -> bytes
  std::vector<std::string> log;                  // "PUT /v2/..." in order
  std::string challenge;                         // WWW-Authenticate; "" lets everybody in
  std::string admits;                            // the Authorization it wants then
  std::string token_answer = R"({"token":"T"})";
  std::string upload_host;            // where uploads are sent; "" is here
  std::string seen_elsewhere;         // Authorization that arrived at another host
  std::map<std::string, int> broken;  // "PUT blobs" -> how many times to answer 503
  std::string refuses;                // a method and path part to be answered 403

  Result<http::Response> send(const http::Request& request) override {
    std::lock_guard lock(mutex);
    auto url = *http::parse_url(request.url);
    std::string line = request.method + " " + url.target;
    log.push_back(line);
    std::string authorization;
    for (const auto& [name, value] : request.headers) {
      authorization = name == "Authorization" ? value : authorization;
    }
    if (url.host == "auth.example") {
      token_authorization = authorization;
      token_body = request.body;
      return http::Response{token_answer.empty() ? 401 : 200, {}, token_answer};
    }
    if (url.host == "storage.example") {
      seen_elsewhere = authorization;
      return upload(request, url);
    }
    if (!challenge.empty() && authorization != admits) {
      return http::Response{401, {{"www-authenticate", challenge}}, ""};
    }
    for (auto& [part, times] : broken) {
      if (line.find(part) != std::string::npos && times-- > 0) {
        return http::Response{503, {}, ""};
      }
    }
    if (!refuses.empty() && line.find(refuses) != std::string::npos) {
      return http::Response{
          403, {}, R"({"errors":[{"code":"DENIED","message":"not\u001b[31m you"}]})"};
    }
    return serve(request, url);
  }

  std::mutex mutex;
  std::string token_authorization;
  std::string token_body;

 private:
  http::Response serve(const http::Request& request, const http::Url& url) {
    std::string name = url.target.substr(url.target.rfind('/') + 1);
    bool blob = url.target.find("/blobs/") != std::string::npos;
    if (request.method == "POST") {
      std::string place = upload_host + "/v2/app/blobs/uploads/1?state=s";
      return {202, {{"location", place}}, ""};
    }
    if (request.method == "PUT" && blob) {
      return upload(request, url);
    }
    if (request.method == "PUT") {
      manifests[name] = request.body;
      manifests[digest_of(request.body)] = request.body;
      return {201, {{"docker-content-digest", digest_of(request.body)}}, ""};
    }
    if (request.method == "DELETE") {
      return {manifests.erase(name) > 0 ? 202 : 404, {}, ""};
    }
    auto& place = blob ? blobs : manifests;
    if (!place.contains(name)) {
      return {404, {}, ""};
    }
    return {200, {{"docker-content-digest", digest_of(place[name])}}, place[name]};
  }

  http::Response upload(const http::Request& request, const http::Url& url) {
    std::string bytes(static_cast<size_t>(request.body_size), '\0');
    if (::pread(request.body_fd, bytes.data(), bytes.size(), 0) !=
        static_cast<ssize_t>(bytes.size())) {
      return {400, {}, ""};
    }
    request.on_sent(request.body_size);
    size_t at = url.target.find("digest=sha256%3A");
    std::string digest = "sha256:" + url.target.substr(at + 16, 64);
    if (digest_of(bytes) != digest) {
      return {400, {}, R"({"errors":[{"code":"DIGEST_INVALID","message":"no"}]})"};
    }
    blobs[digest] = bytes;
    return {201, {}, ""};
  }
};

}  // namespace ktl::oci
