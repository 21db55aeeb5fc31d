// What another process of ktl may say over the bridge: frames, their heads, and answers.
#include <cstring>

#include "core/bridge/frame.h"
#include "core/bridge/head.h"

namespace {

// Everything that a receiver looks at before it knows what a frame is about.
bool look(const ktl::bridge::Frame& frame) {
  auto answer = ktl::bridge::answer_of(frame.head);
  ktl::bridge::Fields fields(frame.head);
  fields.text("method", ktl::bridge::kMaxName);
  fields.number("deadline");
  fields.object("folders");
  fields.texts("interfaces", 64);
  return answer.ok() || !fields.done().ok();
}

}  // namespace

// The first byte says how large the pieces are in which the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t step = size_t{data[0]} + 1;
  ktl::bridge::FrameDecoder decoder;
  for (size_t at = 1; at < size; at += step) {
    const size_t piece = std::min(step, size - at);
    std::memcpy(decoder.space(piece), data + at, piece);
    decoder.arrived(piece);
    for (;;) {
      auto frame = decoder.next();
      if (!frame.ok()) {
        return 0;
      }
      if (!frame->has_value()) {
        break;
      }
      look(**frame);
    }
  }
  return 0;
}
