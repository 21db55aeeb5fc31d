#include "transport/remote_call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/base64.h"
#include "base/json.h"
#include "transport/link.h"

namespace ktl::solver {
namespace {

constexpr size_t kMaxMetadata = 64U << 10U;

nghttp2_nv field(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

// gRPC's table from RST_STREAM to status codes (PROTOCOL-HTTP2.md, "Errors").
Code code_of_reset(uint32_t http2_error) {
  switch (http2_error) {
    case NGHTTP2_REFUSED_STREAM:
      return Code::kUnavailable;
    case NGHTTP2_CANCEL:
      return Code::kCancelled;
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return Code::kResourceExhausted;
    case NGHTTP2_INADEQUATE_SECURITY:
      return Code::kPermissionDenied;
    default:
      return Code::kInternal;
  }
}

}  // namespace

RemoteCall::RemoteCall(std::shared_ptr<Link> link, CallSetup setup)
    : link_(std::move(link)), setup_(std::move(setup)) {
  if (setup_.duplex == nullptr) {
    append_frame_header(out_, setup_.message.size());
    out_ += std::exchange(setup_.message, {});
  }
}

void RemoteCall::submit() {
  std::vector<nghttp2_nv> fields{field(":method", "POST"),
                                 field(":scheme", "http"),
                                 field(":path", setup_.path),
                                 field(":authority", link_->authority),
                                 field("content-type", "application/grpc"),
                                 field("te", "trailers"),
                                 field("user-agent", "ktl")};
  for (const auto& [name, value] : setup_.metadata) {
    fields.push_back(field(name, value));
  }
  nghttp2_data_provider provider{};
  provider.read_callback = [](nghttp2_session*, int32_t id, uint8_t* buffer, size_t size,
                              uint32_t* flags, nghttp2_data_source*, void* link) -> ssize_t {
    RemoteCall* call = static_cast<Link*>(link)->find(id);
    return call != nullptr ? call->on_send(buffer, size, flags)
                           : static_cast<ssize_t>(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE);
  };
  id_ = nghttp2_submit_request(link_->http2, nullptr, fields.data(), fields.size(), &provider,
                               nullptr);
  if (id_ < 0) {
    fail({{Code::kUnavailable, "the connection takes no more calls"}, "", true, false});
  } else {
    link_->calls[id_] = this;
  }
}

std::optional<std::string> RemoteCall::read() {
  const std::lock_guard lock(link_->mutex);
  if (!reader_.has_message()) {
    return std::nullopt;
  }
  std::optional<std::string> message = reader_.pop();
  if (!reader_.has_message()) {
    consume();
    link_->wake();
  }
  return message;
}

std::optional<CallEnd> RemoteCall::end() const {
  const std::lock_guard lock(link_->mutex);
  return end_;
}

Result<CallEnd> RemoteCall::wait(int64_t patience_ms) {
  std::unique_lock lock(link_->mutex);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  if (!link_->changed.wait_until(lock, limit, [this] { return end_.has_value(); })) {
    return Status(Code::kDeadlineExceeded,
                  "the builder did not answer within " + std::to_string(patience_ms / 1000) + " s");
  }
  return *end_;
}

void RemoteCall::cancel() {
  const std::lock_guard lock(link_->mutex);
  cancel_locked({Code::kCancelled, "cancelled"});
}

void RemoteCall::close() {
  std::unique_lock lock(link_->mutex);
  cancel_locked({Code::kCancelled, "cancelled"});
  link_->dirty.erase(this);
  link_->changed.wait(lock, [this] { return link_->in_callback != this; });
}

void RemoteCall::cancel_locked(Status why) {
  if (end_) {
    return;
  }
  nghttp2_submit_rst_stream(link_->http2, NGHTTP2_FLAG_NONE, id_, NGHTTP2_CANCEL);
  fail({std::move(why), "", false, false});
  link_->wake();
}

// The call is over for its owner; what HTTP/2 still says of it is not listened to.
void RemoteCall::fail(CallEnd end) {
  end_ = std::move(end);
  link_->calls.erase(id_);
  link_->dirty.insert(this);
  link_->changed.notify_all();
}

void RemoteCall::on_header(std::string_view name, std::string_view value) {
  metadata_size_ += name.size() + value.size() + 32;  // RFC 9113 section 6.5.2
  if (metadata_size_ > 2 * kMaxMetadata) {            // headers and trailers
    cancel_locked(
        {Code::kResourceExhausted, "the builder's answer has more than 128 KiB of metadata"});
    return;
  }
  if (name == ":status") {
    http_status_ = value;
  } else if (name == "grpc-status") {
    grpc_status_ = value;
  } else if (name == "grpc-message") {
    grpc_message_ = percent_decode(value);
  } else if (name == "grpc-status-details-bin") {
    Result<std::string> bytes = base64_decode(value);  // padded or not
    details_ = bytes.ok() ? *std::move(bytes) : std::string();
  }
}

Status RemoteCall::on_data(std::string_view bytes) {
  unconsumed_ += bytes.size();
  KTL_TRY(http_status_ == "200" ? reader_.feed(bytes) : Status());
  // Nobody reads a part of a message: the window must move or it stays part.
  if (!reader_.has_message()) {
    consume();
  } else {
    link_->dirty.insert(this);
  }
  return {};
}

void RemoteCall::consume() {
  if (unconsumed_ > 0) {
    nghttp2_session_consume_stream(link_->http2, id_, unconsumed_);
    unconsumed_ = 0;
  }
}

CallEnd RemoteCall::judge(uint32_t http2_error) const {
  int32_t code = -1;
  std::from_chars(grpc_status_.data(), grpc_status_.data() + grpc_status_.size(), code);
  if (code == 0) {
    return {};
  }
  if (code > 0) {
    return {{static_cast<Code>(code), valid_utf8(grpc_message_)}, details_, false, false};
  }
  if (!http_status_.empty() && http_status_ != "200") {
    return {{Code::kUnavailable, "it answered HTTP status " + http_status_ + ": no BuildKit"},
            "",
            false,
            false};
  }
  return {{code_of_reset(http2_error),
           std::string("the builder broke the call off: ") + nghttp2_http2_strerror(http2_error)},
          "",
          false,
          true};
}

void RemoteCall::on_close(uint32_t http2_error) { fail(judge(http2_error)); }

// A builder that has said its last word need not hear ours.
void RemoteCall::on_end_stream() {
  if (setup_.duplex != nullptr || sent_ < out_.size()) {
    nghttp2_submit_rst_stream(link_->http2, NGHTTP2_FLAG_NONE, id_, NGHTTP2_NO_ERROR);
  }
  fail(judge(NGHTTP2_NO_ERROR));
}

ssize_t RemoteCall::on_send(uint8_t* buffer, size_t size, uint32_t* flags) {
  if (sent_ == out_.size() && setup_.duplex != nullptr) {
    std::optional<std::string> message = setup_.duplex->pull();
    if (!message) {
      return NGHTTP2_ERR_DEFERRED;
    }
    out_.clear();
    sent_ = 0;
    append_frame_header(out_, message->size());
    out_ += *message;
  }
  const size_t part = std::min(size, out_.size() - sent_);
  std::memcpy(buffer, out_.data() + sent_, part);
  sent_ += part;
  if (sent_ == out_.size() && setup_.duplex == nullptr) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  }
  return static_cast<ssize_t>(part);
}

}  // namespace ktl::solver
