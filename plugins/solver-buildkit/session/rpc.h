// One call of the builder into our session, as the code that answers it sees it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace ktl::solver {

// A gRPC stream on the server's side
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Thread rule: one thread may
// read while another writes; cancel_read from any thread.
class Rpc {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  virtual ~Rpc() = default;

  // "/package.Service/Method".
  [[nodiscard]] virtual const std::string& path() const = 0;
  // All request metadata in order, keys in lower case, values as they travelled.
  [[nodiscard]] virtual const Metadata& metadata() const = 0;

  // The next message without its gRPC frame, at most 16 MiB; nothing when the builder has said
  // all it wants to say. kCancelled: the call or the session is over. Blocks.
  virtual Result<std::optional<std::string>> read() = 0;

  // Sends one message. Blocks while more than 1 MiB waits to be sent. kCancelled as above.
  virtual Status write(std::string_view message) = 0;

  // Sends several messages that already carry their 5-byte gRPC frames, in one go.
  virtual Status write_framed(std::string bytes) = 0;

  // Makes read, also one that is waiting, end as if the builder had nothing more to say.
  virtual void cancel_read() = 0;

  // True once nobody waits for an answer any more.
  [[nodiscard]] virtual bool cancelled() const = 0;

  // The values of one key. BuildKit url-encodes non-ASCII values and says so with KEY-encoded: 1.
  [[nodiscard]] std::vector<std::string> values(std::string_view key) const;
  [[nodiscard]] std::string value(std::string_view key) const;  // the first, or empty
};

// Answers one call; what it returns becomes the call's gRPC status.
using Handler = std::function<Status(Rpc&)>;

// Wraps the common shape: one message in, one out. `Answer` is Result<Response>(const Request&).
template <class Request, class Answer>
Handler unary(Answer answer) {
  return [answer = std::move(answer)](Rpc& rpc) -> Status {
    KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
    Request request;
    if (!bytes || !request.ParseFromString(*bytes)) {
      return {Code::kInvalidArgument, "the request of " + rpc.path() + " does not parse"};
    }
    KTL_ASSIGN(auto response, answer(rpc, request));
    return rpc.write(response.SerializeAsString());
  };
}

}  // namespace ktl::solver
