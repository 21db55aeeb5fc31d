#include "base/raw_terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>

namespace ktl {
namespace {

// Written before `raw_fd` is, read after it.
termios before;
std::atomic<int> raw_fd{-1};

}  // namespace

Result<RawTerminal> RawTerminal::enter(int fd) {
  if (raw_fd.load() >= 0) {
    return Status(Code::kFailedPrecondition, "the terminal is in use already");
  }
  UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!own.valid() || ::tcgetattr(own.get(), &before) != 0) {
    return Status(Code::kFailedPrecondition, "there is no terminal");
  }
  termios raw = before;
  ::cfmakeraw(&raw);
  raw_fd.store(own.get());
  if (::tcsetattr(own.get(), TCSADRAIN, &raw) != 0) {
    raw_fd.store(-1);
    return errno_status("tcsetattr", errno);
  }
  return RawTerminal(std::move(own));
}

RawTerminal::~RawTerminal() {
  if (fd_.valid()) {
    restore();
  }
}

void RawTerminal::restore() noexcept {
  if (const int fd = raw_fd.exchange(-1); fd >= 0) {
    ::tcsetattr(fd, TCSANOW, &before);
  }
}

}  // namespace ktl
