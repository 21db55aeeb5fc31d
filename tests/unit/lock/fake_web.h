// A web in memory: what each URL answers, time after time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "http/client.h"

namespace ktl::lock {

class FakeWeb : public http::Transport {
 public:
  std::map<std::string, std::vector<http::Response>> answers;  // by URL; the last one stays
  std::vector<std::string> log;                                // "GET URL"
  Status broken;                                               // what everything fails with

  void put(const std::string& url, const std::string& body, const std::string& type = "") {
    http::Headers headers;
    if (!type.empty()) {
      headers.emplace_back("content-type", type);
    }
    answers[url].push_back({200, headers, body});
  }

  Result<http::Response> send(const http::Request& request) override {
    log.push_back(request.method + " " + request.url);
    if (!broken.ok()) {
      return broken;
    }
    auto found = answers.find(request.url);
    if (found == answers.end()) {
      return http::Response{404, {}, ""};
    }
    http::Response answer = found->second.front();
    if (found->second.size() > 1) {
      found->second.erase(found->second.begin());
    }
    if (static_cast<int64_t>(answer.body.size()) > request.response_limit) {
      return Status(Code::kResourceExhausted, "too much");
    }
    if (request.sink_fd >= 0 && answer.ok()) {
      KTL_TRY(write_all(request.sink_fd, answer.body));
      answer.body.clear();
    }
    return answer;
  }
};

}  // namespace ktl::lock
