#include "transport/channel.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "transport/link.h"
#include "transport/pump.h"

namespace ktl::solver {
namespace {

constexpr int32_t kStreamWindow = 4 << 20;
constexpr int32_t kConnectionWindow = 16 << 20;
// nghttp2 breaks the whole connection at a header of 64 KiB; told so, a builder breaks off only
// the call that would need more.
constexpr uint32_t kMaxHeaderList = 64U << 10U;

std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

// nghttp2's callbacks: they run while the link is locked, and their user data is the link.
struct Callbacks {
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                       void* link) {
    if (RemoteCall* call = static_cast<Link*>(link)->find(frame->hd.stream_id)) {
      call->on_header(text(name, name_size), text(value, value_size));
    }
    return 0;
  }

  static int on_data(nghttp2_session* http2, uint8_t, int32_t id, const uint8_t* data, size_t size,
                     void* link) {
    nghttp2_session_consume_connection(http2, size);
    if (RemoteCall* call = static_cast<Link*>(link)->find(id)) {
      if (Status status = call->on_data(text(data, size)); !status.ok()) {
        call->cancel_locked(std::move(status));
      }
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Link& link = *static_cast<Link*>(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      const nghttp2_goaway& said = frame->goaway;
      link.goodbye = valid_utf8(std::string(nghttp2_http2_strerror(said.error_code)) + " " +
                                std::string(text(said.opaque_data, said.opaque_data_len)));
    } else if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
               (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      if (RemoteCall* call = link.find(frame->hd.stream_id)) {
        call->on_end_stream();
      }
    }
    return 0;
  }

  static int on_close(nghttp2_session*, int32_t id, uint32_t error, void* link) {
    if (RemoteCall* call = static_cast<Link*>(link)->find(id)) {
      call->on_close(error);
    }
    return 0;
  }

  static int on_not_sent(nghttp2_session*, const nghttp2_frame* frame, int error, void* link) {
    RemoteCall* call = static_cast<Link*>(link)->find(frame->hd.stream_id);
    if (call != nullptr && frame->hd.type == NGHTTP2_HEADERS) {
      call->fail({{Code::kUnavailable,
                   std::string("the builder takes no more calls: ") + nghttp2_strerror(error)},
                  "",
                  true,
                  false});
    }
    return 0;
  }

  static void set(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_not_sent);
  }
};

// HTTP/2 without I/O, between the pump and the calls.
class Channel::Protocol final : public Endpoint {
 public:
  Protocol(std::unique_ptr<Carrier> carrier, const std::string& authority);
  ~Protocol() override { pump_.stop(); }

  std::unique_ptr<RemoteCall> start(CallSetup setup);
  void wake() { pump_.wake(); }

  std::string pull(size_t limit) override;
  Status receive(std::string_view bytes) override;
  void ended(const Status& why) override;

 private:
  void open_http2();
  [[nodiscard]] Status given_up() const;
  void tell();
  void tell_one(std::unique_lock<std::mutex>& lock, RemoteCall& call);

  std::shared_ptr<Link> link_ = std::make_shared<Link>();
  bool started_ = false;
  bool answered_ = false;  // something has come; the pump's thread
  Pump pump_;
};

Channel::Protocol::Protocol(std::unique_ptr<Carrier> carrier, const std::string& authority)
    : pump_(std::move(carrier), *this) {
  link_->authority = authority;
  link_->wake = [this] { pump_.wake(); };
  open_http2();
}

void Channel::Protocol::open_http2() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  Callbacks::set(callbacks);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_session_client_new2(&link_->http2, callbacks, link_.get(), option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeaderList}}};
  nghttp2_submit_settings(link_->http2, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(link_->http2, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

std::unique_ptr<RemoteCall> Channel::Protocol::start(CallSetup setup) {
  auto call = std::make_unique<RemoteCall>(link_, std::move(setup));
  const std::lock_guard lock(link_->mutex);
  if (link_->broken) {
    call->fail({*link_->broken, "", true, false});
    return call;
  }
  call->submit();
  if (!std::exchange(started_, true)) {
    pump_.start();
  }
  pump_.wake();
  return call;
}

std::string Channel::Protocol::pull(size_t limit) {
  const std::lock_guard lock(link_->mutex);
  for (const auto& [id, call] : link_->calls) {
    if (call->setup_.duplex != nullptr) {
      nghttp2_session_resume_data(link_->http2, id);
    }
  }
  std::string out;
  while (out.size() < limit) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(link_->http2, &data);
    if (size <= 0) {
      break;
    }
    out.append(text(data, static_cast<size_t>(size)));
  }
  return out;
}

Status Channel::Protocol::given_up() const {
  if (!link_->goodbye.empty()) {
    return {Code::kUnavailable, "the builder said goodbye: " + link_->goodbye};
  }
  return {Code::kUnavailable, "what answers there does not speak HTTP/2 as it should"};
}

Status Channel::Protocol::receive(std::string_view bytes) {
  if (!std::exchange(answered_, true) && bytes.starts_with("HTTP/1")) {
    return {Code::kUnimplemented, "what answers there speaks HTTP/1 and no gRPC"};
  }
  {
    const std::lock_guard lock(link_->mutex);
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    const ssize_t used = nghttp2_session_mem_recv(link_->http2, data, bytes.size());
    if (used < 0 || nghttp2_session_want_read(link_->http2) == 0) {
      return given_up();
    }
  }
  tell();
  return {};
}

void Channel::Protocol::ended(const Status& why) {
  {
    const std::lock_guard lock(link_->mutex);
    link_->broken = why;
    while (!link_->calls.empty()) {
      link_->calls.begin()->second->fail({why, "", true, false});
    }
  }
  tell();
}

void Channel::Protocol::tell() {
  std::unique_lock lock(link_->mutex);
  while (!link_->dirty.empty()) {
    RemoteCall& call = **link_->dirty.begin();
    link_->dirty.erase(link_->dirty.begin());
    link_->in_callback = &call;
    tell_one(lock, call);
    link_->in_callback = nullptr;
    link_->changed.notify_all();
  }
}

// Lets go of the lock while the callbacks run; `in_callback` keeps the call alive.
void Channel::Protocol::tell_one(std::unique_lock<std::mutex>& lock, RemoteCall& call) {
  Duplex* const duplex = call.setup_.duplex;
  const bool pushes = duplex != nullptr && duplex->pushes();
  while (pushes && call.reader_.has_message() && !call.end_) {
    std::string message = call.reader_.pop();
    lock.unlock();
    Status status = duplex->push(std::move(message));
    lock.lock();
    if (!status.ok()) {
      call.cancel_locked(std::move(status));
    }
  }
  if (pushes && !call.end_) {
    call.consume();
  } else if (duplex != nullptr && call.end_) {
    lock.unlock();
    duplex->ended();
    lock.lock();
  }
  if (call.setup_.changed) {
    lock.unlock();
    call.setup_.changed();
    lock.lock();
  }
}

Channel::Channel(std::unique_ptr<Carrier> carrier, const std::string& authority)
    : protocol_(std::make_unique<Protocol>(std::move(carrier), authority)) {}
Channel::~Channel() = default;

std::unique_ptr<RemoteCall> Channel::start(CallSetup setup) {
  return protocol_->start(std::move(setup));
}

void Channel::wake() { protocol_->wake(); }

}  // namespace ktl::solver
