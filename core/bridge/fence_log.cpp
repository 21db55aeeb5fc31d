#include "core/bridge/fence_log.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace ktl::bridge {
namespace {

constexpr size_t kMaxLine = 4096;
constexpr size_t kMaxKept = 64U << 10U;
constexpr size_t kMaxTold = 1U << 20U;

}  // namespace

void FenceLog::read(const Publish& publish) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::read(pipe_.get(), bytes.data(), bytes.size());
  if (got < 0 && errno == EINTR) {
    return;
  }
  if (got <= 0) {
    pipe_.reset();
    tell(publish);
    return;
  }
  for (char byte : std::string_view(bytes.data(), static_cast<size_t>(got))) {
    if (byte != '\n') {
      line_ += byte;
    }
    if (byte == '\n' || line_.size() >= kMaxLine) {
      tell(publish);
    }
  }
}

std::string FenceLog::text() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

void FenceLog::tell(const Publish& publish) {
  std::string line = valid_utf8(std::exchange(line_, {}));
  if (line.empty()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (kept_.size() + line.size() < kMaxKept) {
      kept_ += line + "\n";
    }
  }
  told_ += line.size();
  if (publish && told_ < kMaxTold) {
    publish("sandbox.log/1", {{"text", std::move(line)}});
  }
}

}  // namespace ktl::bridge
