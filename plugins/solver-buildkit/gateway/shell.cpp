#include "gateway/shell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/json.h"
#include "gateway/bridge.h"

namespace ktl::solver {
namespace {

namespace frontend = moby::buildkit::v1::frontend;

constexpr const char* kProcess = "shell";
constexpr int64_t kOpenMs = 60'000;  // caches under its mounts may have to be pulled
constexpr int64_t kReleaseMs = 10'000;
constexpr int kLastWordsMs = 1'000;
constexpr size_t kMaxShown = 64U << 10U;
constexpr size_t kMaxQueued = 16;  // messages of at most kMaxTyped
constexpr size_t kMaxTyped = 4096;

bool is_readable(int fd, int patience_ms) {
  pollfd wait{fd, POLLIN, 0};
  return fd >= 0 && ::poll(&wait, 1, patience_ms) > 0;
}

const Status kCancelled{Code::kCancelled, "the build was cancelled"};

}  // namespace

Shell::Shell(Channel& channel, std::string build, FailedStep step)
    : channel_(channel),
      build_(std::move(build)),
      name_("ktl" + build_),
      step_(std::move(step)),
      changed_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Result<std::unique_ptr<Shell>> Shell::open(Channel& channel, const std::string& build,
                                           FailedStep step, int cancel_fd) {
  std::unique_ptr<Shell> shell(new Shell(channel, build, std::move(step)));
  shell->step_.container.set_containerid(shell->name_);
  KTL_ASSIGN(
      const CallEnd end,
      shell->call("NewContainer", shell->step_.container.SerializeAsString(), kOpenMs, cancel_fd));
  KTL_TRY(end.status);
  return shell;
}

Shell::~Shell() {
  call_.reset();
  frontend::ReleaseContainerRequest release;
  release.set_containerid(name_);
  // What it says is of no use: what is left goes with the build.
  [[maybe_unused]] const auto end =
      call("ReleaseContainer", release.SerializeAsString(), kReleaseMs, -1);
}

Result<CallEnd> Shell::call(const char* method, std::string message, int64_t patience_ms,
                            int cancel_fd) {
  const int64_t limit = system_clock().monotonic_ns() + patience_ms * 1'000'000;
  const auto asked =
      channel_.start(bridge_call(build_, method, std::move(message), [this] { wake(); }));
  pollfd wait[2] = {{changed_.get(), POLLIN, 0}, {cancel_fd, POLLIN, 0}};
  while (!asked->end()) {
    if (system_clock().monotonic_ns() >= limit) {
      return Status(Code::kDeadlineExceeded,
                    std::string("the builder did not answer ") + method + " in time");
    }
    ::poll(wait, 2, 100);
    eventfd_t ignored = 0;
    ::eventfd_read(changed_.get(), &ignored);
    if (wait[1].revents != 0) {
      return kCancelled;
    }
  }
  return *asked->end();
}

void Shell::wake() const { ::eventfd_write(changed_.get(), 1); }

std::optional<std::string> Shell::pull() {
  const std::lock_guard lock(mutex_);
  if (out_.empty()) {
    return std::nullopt;
  }
  std::string message = std::move(out_.front());
  out_.pop_front();
  wake();
  return message;
}

void Shell::post(frontend::ExecMessage message) {
  message.set_processid(kProcess);
  {
    const std::lock_guard lock(mutex_);
    out_.push_back(message.SerializeAsString());
  }
  channel_.wake();
}

bool Shell::listens() {
  const std::lock_guard lock(mutex_);
  return out_.size() < kMaxQueued;
}

void Shell::take(const frontend::ExecMessage& message) {
  if (message.has_file()) {
    shown_ += message.file().data();
    told_ = told_ || !message.file().data().empty();
    silent_ = silent_ || message.file().eof();
  } else if (message.has_exit()) {
    exit_ = message.exit();
  } else if (message.has_done()) {
    done_ = true;
  }
}

void Shell::receive() {
  while (shown_.size() < kMaxShown) {
    const std::optional<std::string> bytes = call_->read();
    frontend::ExecMessage message;
    if (!bytes || !message.ParseFromString(*bytes)) {
      return;
    }
    take(message);
  }
}

// False: the terminal is gone.
bool Shell::type_in(int stream) {
  std::array<char, kMaxTyped> typed{};
  const ssize_t got = ::recv(stream, typed.data(), typed.size(), MSG_DONTWAIT);
  if (got > 0) {
    frontend::ExecMessage message;
    message.mutable_file()->set_data(typed.data(), static_cast<size_t>(got));
    post(std::move(message));
  }
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void Shell::show(int stream) {
  const ssize_t put = ::send(stream, shown_.data(), shown_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (put > 0) {
    shown_.erase(0, static_cast<size_t>(put));
  } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
    shown_.clear();  // nobody looks any more; reading will say so
  }
}

void Shell::resize(int sizes) {
  std::array<uint16_t, 2> size{};
  if (is_readable(sizes, 0) && ::read(sizes, size.data(), sizeof(size)) == sizeof(size)) {
    frontend::ExecMessage message;
    message.mutable_resize()->set_rows(size[0]);
    message.mutable_resize()->set_cols(size[1]);
    post(std::move(message));
  }
}

Status Shell::outcome() const {
  if (exit_ && (told_ || exit_->code() == 0 || !exit_->has_error())) {
    return {};
  }
  if (exit_) {
    return {Code::kUnavailable, valid_utf8(exit_->error().message())};
  }
  const Status ended = call_->end().value_or(CallEnd()).status;
  return {Code::kUnavailable, ended.ok() ? "the builder ended it" : ended.message()};
}

Status Shell::run(const std::vector<std::string>& program, const TerminalLine& line,
                  int cancel_fd) {
  frontend::ExecMessage first;
  *first.mutable_init() = step_.process;
  first.mutable_init()->set_containerid(name_);
  first.mutable_init()->set_tty(true);
  *first.mutable_init()->mutable_meta()->mutable_args() = {program.begin(), program.end()};
  for (const uint32_t fd : {0U, 1U}) {
    first.mutable_init()->add_fds(fd);
  }
  post(std::move(first));
  CallSetup setup = bridge_call(build_, "ExecProcess", "", [this] { wake(); });
  setup.duplex = this;
  call_ = channel_.start(std::move(setup));
  std::array<pollfd, 4> wait{{{line.stream.get(), 0, 0},
                              {changed_.get(), POLLIN, 0},
                              {line.sizes.get(), POLLIN, 0},
                              {cancel_fd, POLLIN, 0}}};
  int came = 1;
  while (true) {
    // Before receive: what came until then is read. After the exit the last words may still come,
    // but the daemon says that there are none only when somebody types.
    const bool over = done_ || call_->end() || (exit_ && (silent_ || came == 0));
    receive();
    if (over && shown_.empty()) {
      return outcome();
    }
    wait[0].events =
        static_cast<int16_t>((listens() ? POLLIN : 0) | (shown_.empty() ? 0 : POLLOUT));
    came = ::poll(wait.data(), wait.size(), exit_ ? kLastWordsMs : -1);
    eventfd_t ignored = 0;
    ::eventfd_read(changed_.get(), &ignored);
    if (wait[3].revents != 0) {
      return kCancelled;
    }
    if ((wait[0].revents & POLLOUT) != 0) {
      show(line.stream.get());
    }
    if ((wait[0].revents & ~POLLOUT) != 0 && !type_in(line.stream.get())) {
      return {};
    }
    resize((wait[2].revents & POLLIN) != 0 ? line.sizes.get() : -1);
    wait[2].fd = (wait[2].revents & (POLLHUP | POLLERR)) != 0 ? -1 : wait[2].fd;
  }
}

}  // namespace ktl::solver
