#include "secrets/unpacker.h"

#include <zlib.h>

#include <array>

namespace ktl::secrets {

struct Unpacker::State {
  z_stream stream{};
  uint64_t left = 0;
  bool complete = false;
  bool failed = false;
  std::array<char, 64U << 10U> out{};

  Status step(const Unpacked& sink);
};

Unpacker::Unpacker(uint64_t limit) : state_(std::make_unique<State>()) {
  state_->left = limit;
  state_->failed = inflateInit2(&state_->stream, 15 + 16) != Z_OK;
}

Unpacker::~Unpacker() { inflateEnd(&state_->stream); }

bool Unpacker::complete() const { return state_->complete; }

Status Unpacker::State::step(const Unpacked& sink) {
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  const int result = inflate(&stream, Z_NO_FLUSH);
  const size_t made = out.size() - stream.avail_out;
  if (made > left) {
    return {Code::kResourceExhausted, "it unpacks to more than is read of one file"};
  }
  left -= made;
  sink({out.data(), made});
  complete = result == Z_STREAM_END;
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
    return {Code::kDataLoss, "it is damaged gzip"};
  }
  return {};
}

Status Unpacker::feed(std::string_view packed, const Unpacked& out) {
  State& state = *state_;
  state.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  state.stream.avail_in = static_cast<uInt>(packed.size());
  while (!state.failed && state.stream.avail_in > 0) {
    if (state.complete && inflateReset(&state.stream) != Z_OK) {
      state.failed = true;
      return {Code::kInternal, "zlib cannot start again"};
    }
    Status status = state.step(out);
    if (!status.ok()) {
      state.failed = true;
      return status;
    }
  }
  return {};
}

}  // namespace ktl::secrets
