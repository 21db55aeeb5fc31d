#include "session/stream.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ktl::solver {
namespace {

const Status kGone{Code::kCancelled, "the builder ended the call"};

nghttp2_nv header(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

ssize_t read_source(nghttp2_session* /*http2*/, int32_t /*id*/, uint8_t* buffer, size_t size,
                    uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
  return static_cast<Stream*>(source->ptr)->on_send(buffer, size, flags);
}

}  // namespace

Result<std::optional<std::string>> Stream::read() {
  std::unique_lock lock(connection_->mutex);
  changed_.wait(
      lock, [this] { return reader_.has_message() || half_closed_ || read_cancelled_ || gone_; });
  if (gone_) {
    return kGone;
  }
  if (read_cancelled_ || !reader_.has_message()) {
    return std::optional<std::string>();
  }
  std::optional<std::string> message = reader_.pop();
  if (!reader_.has_message()) {
    consume();
    connection_->wake_sender();
  }
  return message;
}

Status Stream::write(std::string_view message) {
  std::string framed;
  framed.reserve(kFrameHeader + message.size());
  append_frame_header(framed, message.size());
  framed.append(message);
  return write_framed(std::move(framed));
}

Status Stream::write_framed(std::string bytes) {
  std::unique_lock lock(connection_->mutex);
  changed_.wait(lock, [this] { return unsent_bytes_ <= kMaxUnsent || gone_; });
  if (gone_) {
    return kGone;
  }
  unsent_bytes_ += bytes.size();
  unsent_.push_back(std::move(bytes));
  if (headers_sent_) {
    nghttp2_session_resume_data(connection_->http2, id_);
  } else {
    submit_headers();
  }
  connection_->wake_sender();
  return {};
}

void Stream::cancel_read() {
  const std::lock_guard lock(connection_->mutex);
  read_cancelled_ = true;
  changed_.notify_all();
}

bool Stream::cancelled() const {
  const std::lock_guard lock(connection_->mutex);
  return gone_;
}

void Stream::finish(const Status& status) {
  const std::lock_guard lock(connection_->mutex);
  if (gone_) {
    return;
  }
  finished_ = true;
  code_ = std::to_string(static_cast<int32_t>(status.code()));
  message_ = percent_encode(std::string_view(status.message()).substr(0, 4096));
  consume();
  if (headers_sent_) {
    nghttp2_session_resume_data(connection_->http2, id_);
  } else {
    std::array fields{header(":status", "200"), header("content-type", "application/grpc"),
                      header("grpc-status", code_), header("grpc-message", message_)};
    nghttp2_submit_response(connection_->http2, id_, fields.data(), fields.size(), nullptr);
  }
  connection_->wake_sender();
}

bool Stream::on_header(std::string_view name, std::string_view value) {
  metadata_size_ += name.size() + value.size() + 32;  // RFC 9113 section 6.5.2
  if (metadata_size_ > kMaxMetadata) {
    return false;
  }
  if (name == ":path") {
    path_ = value;
  } else {
    metadata_.emplace_back(name, value);
  }
  return true;
}

Status Stream::on_data(std::string_view bytes) {
  unconsumed_ += bytes.size();
  Status status = finished_ || read_cancelled_ ? Status() : reader_.feed(bytes);
  // Part of one message is never read by a handler: the window must move or it stays part.
  if (finished_ || !reader_.has_message()) {
    consume();
  } else {
    changed_.notify_all();
  }
  return status;
}

void Stream::on_half_close() {
  half_closed_ = true;
  changed_.notify_all();
}

void Stream::on_close() {
  gone_ = true;
  changed_.notify_all();
}

ssize_t Stream::on_send(uint8_t* buffer, size_t size, uint32_t* flags) {
  const size_t copied = copy_out(buffer, size);
  if (unsent_.empty() && finished_) {
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers();
  } else if (copied == 0) {
    return NGHTTP2_ERR_DEFERRED;
  }
  if (unsent_bytes_ <= kMaxUnsent) {
    changed_.notify_all();
  }
  return static_cast<ssize_t>(copied);
}

void Stream::on_end_sent() {
  if (!half_closed_) {
    nghttp2_submit_rst_stream(connection_->http2, NGHTTP2_FLAG_NONE, id_, NGHTTP2_NO_ERROR);
  }
}

void Stream::consume() {
  if (unconsumed_ > 0) {
    nghttp2_session_consume_stream(connection_->http2, id_, unconsumed_);
    unconsumed_ = 0;
  }
}

void Stream::submit_headers() {
  headers_sent_ = true;
  std::array fields{header(":status", "200"), header("content-type", "application/grpc")};
  nghttp2_data_provider provider{};
  provider.source.ptr = this;
  provider.read_callback = read_source;
  nghttp2_submit_response(connection_->http2, id_, fields.data(), fields.size(), &provider);
}

void Stream::submit_trailers() {
  std::array fields{header("grpc-status", code_), header("grpc-message", message_)};
  nghttp2_submit_trailer(connection_->http2, id_, fields.data(), fields.size());
}

size_t Stream::copy_out(uint8_t* buffer, size_t size) {
  size_t copied = 0;
  while (copied < size && !unsent_.empty()) {
    const std::string& front = unsent_.front();
    const size_t part = std::min(size - copied, front.size() - sent_of_front_);
    std::memcpy(buffer + copied, front.data() + sent_of_front_, part);
    copied += part;
    sent_of_front_ += part;
    if (sent_of_front_ == front.size()) {
      unsent_.pop_front();
      sent_of_front_ = 0;
    }
  }
  unsent_bytes_ -= copied;
  return copied;
}

}  // namespace ktl::solver
