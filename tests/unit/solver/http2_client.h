// An HTTP/2 client in memory: the builder's side of a session, as far as tests need it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/server.h"
#include "session/wire.h"

namespace ktl::solver::testing {

// One call as the client saw it end (or not yet).
struct Answer {
  std::map<std::string, std::string> headers;  // response headers and trailers
  std::string body;
  bool closed = false;

  [[nodiscard]] std::string code() const {
    auto found = headers.find("grpc-status");
    return found == headers.end() ? "" : found->second;
  }
  // The messages in `body`.
  [[nodiscard]] std::vector<std::string> messages() const {
    MessageReader reader;
    std::vector<std::string> found;
    if (reader.feed(body).ok()) {
      while (reader.has_message()) {
        found.push_back(reader.pop());
      }
    }
    return found;
  }
};

// What carries the client's bytes: to a SessionServer in the same thread, or over a stream.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual Status send(std::string_view bytes) = 0;
  virtual std::optional<std::string> receive() = 0;  // waits for some; nothing at the end
};

// What SessionServer says when it has something to send, to be waited for.
class Ready {
 public:
  void say() {
    const std::lock_guard lock(mutex_);
    said_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return std::exchange(said_, false); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool said_ = false;
};

// A session server in this process.
struct DirectServer {
  explicit DirectServer(std::vector<Method> methods)
      : server(std::move(methods), [this] { ready.say(); }) {}
  // Nothing: it was closed.
  std::optional<std::string> take(size_t limit) {
    std::string bytes;
    while ((bytes = server.pull(limit)).empty() && !closed) {
      ready.wait();
    }
    return bytes.empty() ? std::nullopt : std::optional(std::move(bytes));
  }
  void hang_up() {
    server.hang_up();
    closed = true;
    ready.say();
  }
  void close() {
    hang_up();
    server.close();
  }
  Status receive(std::string_view bytes) { return server.receive(bytes); }

  Ready ready;
  std::atomic<bool> closed = false;
  SessionServer server;
};

class DirectCarrier final : public Carrier {
 public:
  explicit DirectCarrier(DirectServer& server) : server_(server) {}
  Status send(std::string_view bytes) override { return server_.receive(bytes); }
  std::optional<std::string> receive() override { return server_.take(64U << 10U); }

 private:
  DirectServer& server_;
};

// Drives one connection from one thread.
class Http2Client {
 public:
  explicit Http2Client(DirectServer& server)
      : Http2Client(std::make_unique<DirectCarrier>(server)) {}
  explicit Http2Client(std::unique_ptr<Carrier> carrier) : carrier_(std::move(carrier)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new(&http2_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(http2_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;
  ~Http2Client() { nghttp2_session_del(http2_); }

  // Opens a call; its request stays open until end().
  int32_t open(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& metadata = {}) {
    std::vector<nghttp2_nv> fields;
    auto add = [&](const std::string& name, const std::string& value) {
      fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                        reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                        value.size(), NGHTTP2_NV_FLAG_NONE});
    };
    const std::string method_key = ":method", method = "POST", scheme_key = ":scheme",
                      scheme = "http", path_key = ":path", host_key = ":authority",
                      host = "localhost", type_key = "content-type", type = "application/grpc";
    add(method_key, method);
    add(scheme_key, scheme);
    add(path_key, path);
    add(host_key, host);
    add(type_key, type);
    for (const auto& [name, value] : metadata) {
      add(name, value);
    }
    nghttp2_data_provider provider{};
    provider.source.ptr = this;
    provider.read_callback = read_request;
    const int32_t id =
        nghttp2_submit_request(http2_, nullptr, fields.data(), fields.size(), &provider, nullptr);
    answers_[id];
    return id;
  }

  void send(int32_t id, std::string_view message) {
    append_frame_header(requests_[id].bytes, message.size());
    requests_[id].bytes.append(message);
    nghttp2_session_resume_data(http2_, id);
  }
  void send_raw(int32_t id, std::string_view bytes) {
    requests_[id].bytes.append(bytes);
    nghttp2_session_resume_data(http2_, id);
  }
  void end(int32_t id) {
    requests_[id].ended = true;
    nghttp2_session_resume_data(http2_, id);
  }
  void reset(int32_t id) {
    nghttp2_submit_rst_stream(http2_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }
  void ping() { nghttp2_submit_ping(http2_, NGHTTP2_FLAG_NONE, nullptr); }

  // Our bytes to the server; its failure, if it has one.
  Status flush() {
    std::string out;
    const uint8_t* data = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(http2_, &data)) > 0;) {
      out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    }
    return out.empty() ? Status() : carrier_->send(out);
  }

  // Bytes of the server to us; waits for some. False at the end.
  bool fill() {
    auto bytes = carrier_->receive();
    if (bytes) {
      pieces_.push_back(bytes->size());
      nghttp2_session_mem_recv(http2_, reinterpret_cast<const uint8_t*>(bytes->data()),
                               bytes->size());
    }
    return bytes.has_value();
  }

  // Carries bytes until the call is over.
  const Answer& finish(int32_t id) {
    while (!answers_[id].closed) {
      if (!flush().ok() || (!answers_[id].closed && !fill())) {
        break;
      }
    }
    return answers_[id];
  }
  Answer& answer(int32_t id) { return answers_[id]; }
  [[nodiscard]] int pongs() const { return pongs_; }
  [[nodiscard]] const std::vector<size_t>& pieces() const { return pieces_; }

 private:
  struct Request {
    std::string bytes;
    size_t sent = 0;
    bool ended = false;
  };

  static Http2Client& self(void* user) { return *static_cast<Http2Client*>(user); }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                       void* user) {
    self(user).answers_[frame->hd.stream_id].headers[std::string(name, name + name_size)] =
        std::string(value, value + value_size);
    return 0;
  }
  static int on_data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                     void* user) {
    self(user).answers_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_close(nghttp2_session*, int32_t id, uint32_t, void* user) {
    self(user).answers_[id].closed = true;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
      ++self(user).pongs_;
    }
    return 0;
  }
  static ssize_t read_request(nghttp2_session*, int32_t id, uint8_t* buffer, size_t size,
                              uint32_t* flags, nghttp2_data_source* source, void*) {
    Request& request = static_cast<Http2Client*>(source->ptr)->requests_[id];
    const size_t part = std::min(size, request.bytes.size() - request.sent);
    request.bytes.copy(reinterpret_cast<char*>(buffer), part, request.sent);
    request.sent += part;
    if (request.sent == request.bytes.size() && request.ended) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (part == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(part);
  }

  std::unique_ptr<Carrier> carrier_;
  nghttp2_session* http2_ = nullptr;
  std::map<int32_t, Request> requests_;
  std::map<int32_t, Answer> answers_;
  std::vector<size_t> pieces_;
  int pongs_ = 0;
};

}  // namespace ktl::solver::testing
