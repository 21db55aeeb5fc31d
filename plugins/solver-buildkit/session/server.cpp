#include "session/server.h"

#include <array>
#include <exception>
#include <map>

#include "base/thread_pool.h"
#include "session/connection.h"
#include "session/stream.h"

namespace ktl::solver {

using StreamPtr = std::shared_ptr<Stream>;

class SessionServer::Impl {
 public:
  Impl(std::vector<Method> methods, std::function<void()> ready);

  Status receive(std::string_view bytes);
  std::string pull(size_t limit);
  void hang_up();
  void close();

  // Called by nghttp2 while the lock is held.
  void on_begin(int32_t id);
  int on_header(int32_t id, std::string_view name, std::string_view value);
  void on_frame(const nghttp2_frame& frame);
  void on_data(int32_t id, std::string_view bytes);
  void on_sent(const nghttp2_frame& frame);
  void on_close(int32_t id);

 private:
  void open_http2();
  StreamPtr find(int32_t id);
  const Method* method_of(const Stream& stream) const;
  void dispatch();
  void start(const StreamPtr& stream, const Handler& handler);

  std::shared_ptr<Connection> connection_ = std::make_shared<Connection>();
  std::map<std::string, Method, std::less<>> methods_;
  std::vector<StreamPtr> opened_;     // headers complete, to be handed to a thread
  std::vector<StreamPtr> completed_;  // requests complete, for quick methods
  ThreadPool handlers_{kMaxStreams};  // the last: its threads use the others
};

namespace {

std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

template <class Impl>
void set_callbacks(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* impl) {
        static_cast<Impl*>(impl)->on_begin(frame->hd.stream_id);
        return 0;
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
         const uint8_t* value, size_t value_size, uint8_t /*flags*/, void* impl) {
        return static_cast<Impl*>(impl)->on_header(frame->hd.stream_id, text(name, name_size),
                                                   text(value, value_size));
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* impl) {
        static_cast<Impl*>(impl)->on_frame(*frame);
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, uint8_t /*flags*/, int32_t id, const uint8_t* data,
                    size_t size, void* impl) {
        static_cast<Impl*>(impl)->on_data(id, text(data, size));
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* impl) {
        static_cast<Impl*>(impl)->on_sent(*frame);
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, int32_t id, uint32_t /*error*/, void* impl) {
        static_cast<Impl*>(impl)->on_close(id);
        return 0;
      });
}

// Nothing a handler throws may end the program.
Status run(const Handler& handler, Rpc& rpc) {
  try {
    return handler(rpc);
  } catch (const std::exception& e) {
    return {Code::kInternal, e.what()};
  }
}

}  // namespace

SessionServer::Impl::Impl(std::vector<Method> methods, std::function<void()> ready) {
  connection_->ready = std::move(ready);
  for (Method& method : methods) {
    std::string path = method.path;
    methods_.emplace(std::move(path), std::move(method));
  }
  open_http2();
}

void SessionServer::Impl::open_http2() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  set_callbacks<Impl>(callbacks);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_session_server_new2(&connection_->http2, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);

  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxMetadata}}};
  nghttp2_submit_settings(connection_->http2, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(connection_->http2, NGHTTP2_FLAG_NONE, 0,
                                        kConnectionWindow);
}

Status SessionServer::Impl::receive(std::string_view bytes) {
  {
    const std::lock_guard lock(connection_->mutex);
    if (connection_->closed) {
      return {Code::kCancelled, "the session is closed"};
    }
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    const ssize_t used = nghttp2_session_mem_recv(connection_->http2, data, bytes.size());
    connection_->wake_sender();
    if (used < 0) {
      return {Code::kInternal, std::string("the builder's session broke HTTP/2: ") +
                                   nghttp2_strerror(static_cast<int>(used))};
    }
  }
  dispatch();
  return {};
}

std::string SessionServer::Impl::pull(size_t limit) {
  const std::lock_guard lock(connection_->mutex);
  std::string out;
  while (!connection_->closed && out.size() < limit) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(connection_->http2, &data);
    if (size <= 0) {
      break;
    }
    out.append(text(data, static_cast<size_t>(size)));
  }
  return out;
}

void SessionServer::Impl::hang_up() {
  const std::lock_guard lock(connection_->mutex);
  connection_->closed = true;
  for (auto& [id, stream] : connection_->streams) {
    stream->on_close();
  }
  connection_->streams.clear();
}

void SessionServer::Impl::close() {
  hang_up();
  handlers_.end();
}

StreamPtr SessionServer::Impl::find(int32_t id) {
  auto found = connection_->streams.find(id);
  return found == connection_->streams.end() ? nullptr : found->second;
}

void SessionServer::Impl::on_begin(int32_t id) {
  if (find(id) == nullptr) {  // else these are trailers of the request
    connection_->streams.emplace(id, std::make_shared<Stream>(connection_, id));
  }
}

int SessionServer::Impl::on_header(int32_t id, std::string_view name, std::string_view value) {
  const StreamPtr stream = find(id);
  return stream == nullptr || stream->on_header(name, value)
             ? 0
             : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // resets this stream alone
}

void SessionServer::Impl::on_frame(const nghttp2_frame& frame) {
  const StreamPtr stream = find(frame.hd.stream_id);
  if (stream == nullptr || (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)) {
    return;
  }
  if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
    opened_.push_back(stream);
  }
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    stream->on_half_close();
    completed_.push_back(stream);
  }
}

void SessionServer::Impl::on_data(int32_t id, std::string_view bytes) {
  nghttp2_session_consume_connection(connection_->http2, bytes.size());
  const StreamPtr stream = find(id);
  if (stream != nullptr && !stream->on_data(bytes).ok()) {
    nghttp2_submit_rst_stream(connection_->http2, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
  }
}

void SessionServer::Impl::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    if (const StreamPtr stream = find(frame.hd.stream_id)) {
      stream->on_end_sent();
    }
  }
}

void SessionServer::Impl::on_close(int32_t id) {
  if (const StreamPtr stream = find(id)) {
    stream->on_close();
    connection_->streams.erase(id);
  }
}

const Method* SessionServer::Impl::method_of(const Stream& stream) const {
  auto found = methods_.find(stream.path());
  return found == methods_.end() ? nullptr : &found->second;
}

void SessionServer::Impl::dispatch() {
  std::vector<StreamPtr> opened;
  std::vector<StreamPtr> completed;
  {
    const std::lock_guard lock(connection_->mutex);
    opened.swap(opened_);
    completed.swap(completed_);
  }
  for (const StreamPtr& stream : opened) {
    const Method* method = method_of(*stream);
    if (method == nullptr) {
      stream->finish({Code::kUnimplemented, "ktl does not serve " + stream->path()});
    } else if (!method->quick) {
      start(stream, method->handler);
    }
  }
  for (const StreamPtr& stream : completed) {
    const Method* method = method_of(*stream);
    if (method != nullptr && method->quick) {
      stream->finish(run(method->handler, *stream));
    }
  }
}

void SessionServer::Impl::start(const StreamPtr& stream, const Handler& handler) {
  handlers_.post([stream, &handler] { stream->finish(run(handler, *stream)); });
}

SessionServer::SessionServer(std::vector<Method> methods, std::function<void()> ready)
    : impl_(std::make_unique<Impl>(std::move(methods), std::move(ready))) {}
SessionServer::~SessionServer() { close(); }
Status SessionServer::receive(std::string_view bytes) { return impl_->receive(bytes); }
std::string SessionServer::pull(size_t limit) { return impl_->pull(limit); }
void SessionServer::hang_up() { impl_->hang_up(); }
void SessionServer::close() { impl_->close(); }

}  // namespace ktl::solver
