// An HTTP/2 server on one end of a socket pair that does what a test tells it, right or wrong.
#pragma once

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "session/wire.h"

namespace ktl::solver::testing {

class Http2Server {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  // Called on the server's thread when a call's headers are there.
  using Handler = std::function<void(Http2Server&, int32_t id)>;

  Http2Server(UniqueFd socket, Handler handler)
      : socket_(std::move(socket)), handler_(std::move(handler)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_max_send_header_block_length(option, 1U << 20U);
    nghttp2_session_server_new2(&http2_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(http2_, NGHTTP2_FLAG_NONE, nullptr, 0);
    thread_ = std::thread([this] { run(); });
  }
  ~Http2Server() {
    drop();
    thread_.join();
    nghttp2_session_del(http2_);
  }
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  // For handlers, on the server's thread.
  void respond(int32_t id, std::string body, Fields trailers) {
    Answer& answer = answers_[id];
    answer = {std::move(body), 0, std::move(trailers)};
    const std::string status = ":status", ok = "200";
    nghttp2_nv field = pair(status, ok);
    nghttp2_data_provider provider{};
    provider.source.ptr = &answer;
    provider.read_callback = read;
    nghttp2_submit_response(http2_, id, &field, 1, &provider);
  }
  void respond_at_once(int32_t id, const Fields& fields) {
    const auto list = pairs(fields);
    nghttp2_submit_response(http2_, id, list.data(), list.size(), nullptr);
  }
  void reset(int32_t id, uint32_t code) {
    nghttp2_submit_rst_stream(http2_, NGHTTP2_FLAG_NONE, id, code);
  }
  void say_goodbye(int32_t last_id, const std::string& words) {
    nghttp2_submit_goaway(http2_, NGHTTP2_FLAG_NONE, last_id, NGHTTP2_ENHANCE_YOUR_CALM,
                          reinterpret_cast<const uint8_t*>(words.data()), words.size());
  }
  void ping() { nghttp2_submit_ping(http2_, NGHTTP2_FLAG_NONE, nullptr); }

  // Like a process that is killed. From any thread.
  void drop() { ::shutdown(socket_.get(), SHUT_RDWR); }

  std::atomic<int> pongs = 0;
  std::atomic<int> cancels = 0;  // RST_STREAM frames that came
  std::atomic<size_t> received = 0;
  std::atomic<size_t> sent = 0;

 private:
  struct Answer {
    std::string body;
    size_t sent = 0;
    Fields trailers;
  };

  static nghttp2_nv pair(const std::string& name, const std::string& value) {
    return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
            reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
            NGHTTP2_NV_FLAG_NONE};
  }
  static std::vector<nghttp2_nv> pairs(const Fields& fields) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back(pair(name, value));
    }
    return list;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Server*>(user);
    if (frame->hd.type == NGHTTP2_HEADERS) {
      self.handler_(self, frame->hd.stream_id);
    }
    self.pongs += frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    self.cancels += frame->hd.type == NGHTTP2_RST_STREAM;
    return 0;
  }
  static int on_data(nghttp2_session*, uint8_t, int32_t, const uint8_t*, size_t size, void* user) {
    static_cast<Http2Server*>(user)->received += size;
    return 0;
  }
  static ssize_t read(nghttp2_session* http2, int32_t id, uint8_t* buffer, size_t size,
                      uint32_t* flags, nghttp2_data_source* source, void* user) {
    auto& answer = *static_cast<Answer*>(source->ptr);
    const size_t part = answer.body.copy(reinterpret_cast<char*>(buffer), size, answer.sent);
    answer.sent += part;
    static_cast<Http2Server*>(user)->sent += part;
    if (answer.sent == answer.body.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!answer.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto list = pairs(answer.trailers);
        nghttp2_submit_trailer(http2, id, list.data(), list.size());
      }
    }
    return static_cast<ssize_t>(part);
  }

  void run() {
    std::vector<char> buffer(64U << 10U);
    while (true) {
      const uint8_t* data = nullptr;
      for (ssize_t size = 0; (size = nghttp2_session_mem_send(http2_, &data)) > 0;) {
        if (!write_all(socket_.get(),
                       {reinterpret_cast<const char*>(data), static_cast<size_t>(size)})
                 .ok()) {
          return;
        }
      }
      const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (n <= 0 || nghttp2_session_mem_recv(http2_, reinterpret_cast<uint8_t*>(buffer.data()),
                                             static_cast<size_t>(n)) < 0) {
        ::shutdown(socket_.get(), SHUT_RDWR);
        return;
      }
    }
  }

  UniqueFd socket_;
  Handler handler_;
  nghttp2_session* http2_ = nullptr;
  std::map<int32_t, Answer> answers_;
  std::thread thread_;
};

inline std::string framed(std::string_view message) {
  std::string out;
  append_frame_header(out, message.size());
  return out.append(message);
}

}  // namespace ktl::solver::testing
