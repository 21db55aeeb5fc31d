// One HTTP/2 stream of a session as an Rpc: queues, back pressure, gRPC's headers and trailers.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "session/connection.h"
#include "session/rpc.h"
#include "session/wire.h"

namespace ktl::solver {

// The Rpc side is called by handlers and takes the connection's lock; the methods whose name
// begins with on_ are called by nghttp2's callbacks, which hold it already.
class Stream final : public Rpc {
 public:
  Stream(std::shared_ptr<Connection> connection, int32_t id)
      : connection_(std::move(connection)), id_(id) {}

  [[nodiscard]] const std::string& path() const override { return path_; }
  [[nodiscard]] const Metadata& metadata() const override { return metadata_; }
  Result<std::optional<std::string>> read() override;
  Status write(std::string_view message) override;
  Status write_framed(std::string bytes) override;
  void cancel_read() override;
  [[nodiscard]] bool cancelled() const override;

  // Ends the call with the handler's word.
  void finish(const Status& status);

  // False: too much metadata.
  bool on_header(std::string_view name, std::string_view value);
  Status on_data(std::string_view bytes);
  void on_half_close();
  void on_close();
  // Fills DATA frames; the signature is nghttp2's.
  ssize_t on_send(uint8_t* buffer, size_t size, uint32_t* flags);
  // Our last frame is out: a builder that is still sending is told to stop.
  void on_end_sent();
  [[nodiscard]] bool half_closed() const { return half_closed_; }

 private:
  void consume();
  void submit_headers();
  void submit_trailers();
  size_t copy_out(uint8_t* buffer, size_t size);

  std::shared_ptr<Connection> connection_;
  const int32_t id_;
  std::string path_;
  Metadata metadata_;
  size_t metadata_size_ = 0;

  std::condition_variable changed_;
  MessageReader reader_;
  size_t unconsumed_ = 0;  // bytes received for which the builder has no new window yet
  bool half_closed_ = false;
  bool read_cancelled_ = false;
  bool gone_ = false;  // reset, or the connection ended

  std::deque<std::string> unsent_;
  size_t unsent_bytes_ = 0;
  size_t sent_of_front_ = 0;
  bool headers_sent_ = false;
  bool finished_ = false;
  std::string code_;
  std::string message_;
};

}  // namespace ktl::solver
