// One gRPC call of ours on a channel.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "session/wire.h"

namespace ktl::solver {

struct Link;

// Answers a call that streams both ways.
class Duplex {
 public:
  virtual ~Duplex() = default;
  // The next message for the builder; nothing: none yet (say so later with Channel::wake). Must
  // not block nor call back: the channel is locked.
  virtual std::optional<std::string> pull() = 0;
  // A message of the builder. Must not wait for anything to be sent. A failure cancels the call.
  virtual Status push(std::string message) = 0;
  // False: the builder's messages are not pushed but left for RemoteCall::read, whose reader then
  // decides how fast they come.
  [[nodiscard]] virtual bool pushes() const { return true; }
  // The builder ended the call or broke it off: the last callback.
  virtual void ended() = 0;
};

// What to call. `metadata` keys are in lower case, values visible ASCII.
struct CallSetup {
  std::string path;  // "/package.Service/Method"
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string message;            // the request, for a call that is no Duplex
  Duplex* duplex = nullptr;       // borrowed until the call's close
  std::function<void()> changed;  // on the channel's thread: a message came, or the end
};

// How a call ended. `details` is the trailer grpc-status-details-bin, decoded.
struct CallEnd {
  Status status;
  std::string details;
  bool lost = false;   // the connection ended before the call did
  bool reset = false;  // the builder broke the call off without a gRPC status
};

// Thread rule: any thread, except that close must not be called from a callback of the call.
class RemoteCall {
 public:
  RemoteCall(std::shared_ptr<Link> link, CallSetup setup);
  ~RemoteCall() { close(); }
  RemoteCall(const RemoteCall&) = delete;
  RemoteCall& operator=(const RemoteCall&) = delete;

  // The next message that is there. What is not read keeps the builder from sending more than
  // 4 MiB ahead.
  std::optional<std::string> read();
  // Whether the builder has said its last word (there may be messages left to read), and which.
  [[nodiscard]] std::optional<CallEnd> end() const;
  // Waits for the end. kDeadlineExceeded: not within `patience_ms`; the call goes on.
  Result<CallEnd> wait(int64_t patience_ms);
  // Tells the builder that nobody waits any more, if it is still at it.
  void cancel();
  // cancel, and from its return on no callback runs.
  void close();

 private:
  friend class Channel;
  friend struct Callbacks;

  // All of these with the link's lock held.
  void submit();
  void on_header(std::string_view name, std::string_view value);
  Status on_data(std::string_view bytes);
  void on_close(uint32_t http2_error);
  void on_end_stream();
  ssize_t on_send(uint8_t* buffer, size_t size, uint32_t* flags);
  void fail(CallEnd end);
  void consume();
  void cancel_locked(Status why);
  [[nodiscard]] CallEnd judge(uint32_t http2_error) const;

  const std::shared_ptr<Link> link_;
  CallSetup setup_;
  int32_t id_ = -1;
  MessageReader reader_;
  size_t unconsumed_ = 0;  // bytes received for which the builder has no new window yet
  std::string out_;        // framed, of which sent_ bytes are gone
  size_t sent_ = 0;
  size_t metadata_size_ = 0;
  std::string http_status_;
  std::string grpc_status_;
  std::string grpc_message_;
  std::string details_;
  std::optional<CallEnd> end_;
};

}  // namespace ktl::solver
