// What a step prints, cut anywhere: the pieces come out as the whole does, and without the value.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "redact/masker.h"

namespace {

constexpr std::string_view kValue = "s3cr=t/P4ss w?rd";

std::shared_ptr<const ktl::redact::Matcher> matcher() {
  ktl::redact::PatternSet patterns;
  ktl::redact::add_forms(kValue, patterns);
  return std::make_shared<const ktl::redact::Matcher>(std::move(patterns));
}

}  // namespace

// The first byte says how long the pieces are; '#' stands for the value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto values = matcher();
  if (size == 0) {
    return 0;
  }
  std::string text;
  for (size_t i = 1; i < size; ++i) {
    text += data[i] == '#' ? std::string(kValue) : std::string(1, static_cast<char>(data[i]));
  }
  ktl::redact::Masker masker;
  masker.use(values);
  ktl::redact::Stream stream;
  std::string told;
  for (size_t at = 0; at < text.size(); at += data[0] + 1U) {
    const std::string piece = text.substr(at, data[0] + 1U);
    if (!masker.feed(stream, piece, told)) {
      told += piece;
    }
  }
  masker.end(stream, told);
  if (told.find(kValue) != std::string::npos) {
    __builtin_trap();
  }
  return 0;
}
