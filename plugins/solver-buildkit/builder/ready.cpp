#include "builder/ready.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxReport = 64U << 10U;
constexpr int kTellMs = 1'000;

Status parse_report(const std::string& text) {
  if (text.empty()) {
    return {Code::kAborted, "its supervisor ended without a word"};
  }
  KTL_ASSIGN(json::value report, parse_json(text, kMaxReport));
  auto code = static_cast<Code>(int_of(report, "code"));
  if (code == Code::kOk) {
    return {};
  }
  return Status(code, std::string(text_of(report, "message")))
      .at(std::string(text_of(report, "where")))
      .advise(std::string(text_of(report, "next")));
}

}  // namespace

Result<ReadyPipe> make_ready_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  return ReadyPipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void report_ready(UniqueFd& write, const Status& status) {
  if (write.valid()) {
    // Nobody listens any more when the client was killed: the builder runs all the same.
    static_cast<void>(write_all(
        write.get(), json::serialize(json::object{{"code", static_cast<int>(status.code())},
                                                  {"message", status.message()},
                                                  {"where", status.where()},
                                                  {"next", status.next()}})));
    write.reset();
  }
}

Status await_ready(const UniqueFd& read, int64_t wait_ms, const Caller& caller,
                   const std::function<void()>& still_waiting) {
  int64_t deadline = system_clock().monotonic_ns() + wait_ms * 1'000'000;
  std::string text;
  while (true) {
    std::array<pollfd, 2> fds = {{{read.get(), POLLIN, 0}, {caller.cancel_fd, POLLIN, 0}}};
    int ready = ::poll(fds.data(), fds.size(), kTellMs);
    if (fds[1].revents != 0) {
      return {Code::kCancelled, "cancelled while the private builder was starting"};
    }
    if (fds[0].revents != 0) {
      std::array<char, 4096> buffer{};
      ssize_t n = ::read(read.get(), buffer.data(), buffer.size());
      if (n <= 0 || text.size() > kMaxReport) {
        return parse_report(text);
      }
      text.append(buffer.data(), static_cast<size_t>(n));
    } else if (system_clock().monotonic_ns() >= deadline) {
      return {Code::kDeadlineExceeded, "no answer in " + std::to_string(wait_ms / 1000) + " s"};
    } else if (ready == 0) {
      still_waiting();
    }
  }
}

}  // namespace ktl::builder
