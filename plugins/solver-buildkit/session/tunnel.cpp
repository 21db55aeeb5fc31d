#include "session/tunnel.h"

namespace ktl::solver {
namespace {

using moby::buildkit::v1::BytesMessage;

constexpr size_t kPiece = 256U << 10U;

}  // namespace

Tunnel::Tunnel(moby::buildkit::v1::Control::Stub& stub, const SessionName& name,
               const std::vector<Method>& methods)
    : stub_(stub), server_(methods) {
  context_.AddMetadata("x-docker-expose-session-uuid", name.id);
  context_.AddMetadata("x-docker-expose-session-sharedkey", name.shared_key);
  for (const Method& method : methods) {
    context_.AddMetadata("x-docker-expose-session-grpc-method", method.path);
  }
}

void Tunnel::start() {
  stream_ = stub_.Session(&context_);
  reader_ = std::thread([this] { read_loop(); });
  writer_ = std::thread([this] { write_loop(); });
}

void Tunnel::stop() {
  server_.hang_up();
  if (stream_ != nullptr) {
    context_.TryCancel();
    reader_.join();
    writer_.join();
    stream_->Finish();
    stream_.reset();
  }
  server_.close();
}

void Tunnel::read_loop() {
  BytesMessage message;
  while (stream_->Read(&message)) {
    if (!server_.receive(message.data()).ok()) {
      context_.TryCancel();
      break;
    }
  }
  server_.hang_up();
}

void Tunnel::write_loop() {
  BytesMessage message;
  while (std::optional<std::string> bytes = server_.take(kPiece)) {
    message.set_data(std::move(*bytes));
    if (!stream_->Write(message)) {
      break;
    }
  }
}

}  // namespace ktl::solver
