#include "core/bridge/output.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace ktl::bridge {
namespace {

constexpr size_t kMaxLine = 4096;
constexpr size_t kMaxPrinted = 1U << 20U;

}  // namespace

void Output::read(const Publish& publish) {
  std::array<char, 4096> bytes{};
  ssize_t got = ::read(pipe_.get(), bytes.data(), bytes.size());
  if (got < 0 && errno == EINTR) {
    return;
  }
  if (got <= 0) {
    pipe_.reset();
    return;
  }
  for (char byte : std::string_view(bytes.data(), static_cast<size_t>(got))) {
    if (byte != '\n') {
      line_ += byte;
    }
    if (byte == '\n' || line_.size() >= kMaxLine) {
      show(publish);
    }
  }
}

void Output::finish(const Publish& publish) {
  if (!line_.empty()) {
    show(publish);
  }
}

void Output::show(const Publish& publish) {
  const bool room = printed_ < kMaxPrinted;
  printed_ += line_.size() + 1;
  std::string line = valid_utf8(std::exchange(line_, {}));
  if (!publish || !room) {
    return;
  }
  publish("message/1", {{"level", "info"}, {"plugin", speaker_}, {"text", std::move(line)}});
  if (printed_ >= kMaxPrinted) {
    publish("message/1", {{"level", "warn"},
                          {"plugin", speaker_},
                          {"text", "printed more than 1 MiB; the rest is not shown"}});
  }
}

}  // namespace ktl::bridge
