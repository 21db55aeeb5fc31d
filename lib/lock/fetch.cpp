#include "lock/fetch.h"

#include <unistd.h>

#include "base/sha256.h"
#include "http/redirect.h"

namespace ktl::lock {
namespace {

constexpr int64_t kMostBytes = int64_t{16} << 30U;

Status differs(const Wanted& wanted, const std::string& got) {
  return Status(Code::kDataLoss, wanted.url + " is not what was locked: it is " + got +
                                     ", and ktl.lock wants " + wanted.digest)
      .advise("`ktl lock` takes the new content, if it is meant to be there");
}

http::Request request_of(const Wanted& wanted, int sink) {
  http::Request request;
  request.url = wanted.url;
  request.headers = {{"Accept", wanted.type.empty() ? "*/*" : wanted.type + ", */*;q=0.1"},
                     {"Accept-Encoding", "identity"}};
  request.sink_fd = sink;
  request.far_only = !wanted.near;
  request.response_limit = wanted.size >= 0 ? wanted.size : kMostBytes;
  return request;
}

Status download(http::Transport& transport, const Wanted& wanted, int sink) {
  http::Request request = request_of(wanted, sink);
  const Result<http::Response> answer = wanted.redirects
                                            ? http::send_and_follow(transport, std::move(request))
                                            : transport.send(request);
  if (answer.ok() && answer->ok()) {
    return {};
  }
  if (answer.status().code() == Code::kCancelled) {
    return answer.status();
  }
  if (answer.status().code() == Code::kResourceExhausted) {
    return differs(wanted, "longer than " + std::to_string(wanted.size) + " bytes");
  }
  if (answer.status().code() == Code::kPermissionDenied) {
    return Status(Code::kPermissionDenied,
                  wanted.url +
                      " is not kept here, and ktl.lock alone sends ktl to no such place: " +
                      answer.status().message())
        .advise(
            "`ktl lock` keeps what it locks; --allow-network=HOST:PORT beside --locked permits a "
            "URL of "
            "this machine");
  }
  return Status(Code::kUnavailable,
                wanted.url + " is not kept here and cannot be fetched: " +
                    (answer.ok() ? "the server answers " + std::to_string(answer->status)
                                 : answer.status().message()))
      .advise("`ktl lock` keeps what it locks");
}

}  // namespace

Status fetch(http::Transport& transport, const oci::Store& store, const Wanted& wanted) {
  if (store.size(wanted.digest).ok()) {
    return {};
  }
  KTL_ASSIGN(const UniqueFd file, store.create());
  KTL_TRY(download(transport, wanted, file.get()));
  KTL_ASSIGN(const std::string hex, sha256_hex_of_fd(file.get()));
  if ("sha256:" + hex != wanted.digest) {
    return differs(wanted, "sha256:" + hex);
  }
  return store.commit(file.get(), wanted.digest);
}

}  // namespace ktl::lock
