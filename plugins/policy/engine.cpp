#include "engine.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"

namespace ktl::policy {
namespace {

constexpr size_t kMaxFrame = 96U << 20U;
constexpr int64_t kNsPerMs = 1'000'000;

Status died() {
  return {Code::kAborted, "the engine of the policies ended before it had answered"};
}

// Waits until the stream is ready for `events`, until `end_ns`.
Status ready(int stream, short events, int64_t end_ns) {
  pollfd one{stream, events, 0};
  for (;;) {
    const int64_t left = (end_ns - system_clock().monotonic_ns()) / kNsPerMs;
    const int polled = left < 0 ? 0 : ::poll(&one, 1, static_cast<int>(left + 1));
    if (polled > 0) {
      return {};
    }
    if (polled == 0) {
      return {Code::kDeadlineExceeded, "the policies did not answer in time"};
    }
    if (errno != EINTR) {
      return errno_status("poll", errno);
    }
  }
}

Status send_all(int stream, std::string_view bytes, int64_t end_ns) {
  while (!bytes.empty()) {
    KTL_TRY(ready(stream, POLLOUT, end_ns));
    const ssize_t n = ::send(stream, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      return died();
    }
    bytes.remove_prefix(n > 0 ? static_cast<size_t>(n) : 0);
  }
  return {};
}

Status receive_all(int stream, char* into, size_t size, int64_t end_ns) {
  while (size > 0) {
    KTL_TRY(ready(stream, POLLIN, end_ns));
    const ssize_t n = ::recv(stream, into, size, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      return died();
    }
    into += n > 0 ? n : 0;
    size -= n > 0 ? static_cast<size_t>(n) : 0;
  }
  return {};
}

std::string head_of(size_t size) {
  std::string head;
  for (unsigned shift = 24; shift <= 24; shift -= 8) {
    head.push_back(static_cast<char>((size >> shift) & 0xFFU));
  }
  return head;
}

size_t size_of(const std::array<char, 4>& head) {
  size_t size = 0;
  for (char byte : head) {
    size = size << 8U | static_cast<unsigned char>(byte);
  }
  return size;
}

Status status_of(const json::value& error) {
  const bool load = bool_of(error, "load");
  return Status(load ? Code::kInvalidArgument : Code::kFailedPrecondition,
                std::string(text_of(error, "message")))
      .at(std::string(text_of(error, "place")));
}

}  // namespace

std::string engine_program() {
  if (const char* named = std::getenv("KTL_REGO"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (self.parent_path().parent_path() / "libexec/ktl/ktl-rego").string();
}

Result<std::unique_ptr<Engine>> Engine::start(const std::string& program) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  UniqueFd own(pair[0]);
  const UniqueFd its(pair[1]);
  KTL_ASSIGN(const UniqueFd null, open_file("/dev/null", O_WRONLY));
  // It knows nothing of its surroundings; the collector may be lazy, a build asks little.
  const Command command{
      .argv = {program}, .env = {"PATH=/usr/bin:/bin", "GOGC=400"}, .directory = "/"};
  auto child = spawn_on(command, its.get(), null.get(), true);
  if (!child.ok()) {
    return Status(Code::kFailedPrecondition,
                  "the engine of the policies does not start: " + child.status().message())
        .advise("scripts/tools builds it: " + program);
  }
  return std::unique_ptr<Engine>(new Engine(*std::move(child), std::move(own)));
}

Result<json::value> Engine::converse(const std::string& frame, int64_t timeout_ms) {
  const int64_t end_ns = system_clock().monotonic_ns() + timeout_ms * kNsPerMs;
  KTL_TRY(send_all(stream_.get(), frame, end_ns));
  std::array<char, 4> head{};
  KTL_TRY(receive_all(stream_.get(), head.data(), head.size(), end_ns));
  const size_t size = size_of(head);
  if (size > kMaxFrame) {
    return Status(Code::kResourceExhausted, "the policies say too much");
  }
  std::string body(size, '\0');
  KTL_TRY(receive_all(stream_.get(), body.data(), size, end_ns));
  return parse_json(body, kMaxFrame);
}

Result<json::value> Engine::ask(const json::object& request, int64_t timeout_ms) {
  const std::string body = json::serialize(request);
  const std::scoped_lock lock(mutex_);
  if (!stream_.valid()) {
    return died();
  }
  if (body.size() > kMaxFrame) {
    return Status(Code::kResourceExhausted, "more than 96 MiB for the policies to read");
  }
  auto answer = converse(head_of(body.size()) + body, timeout_ms);
  if (!answer.ok()) {  // what comes later belongs to nobody's question
    stream_.reset();
    child_.signal(SIGKILL);
    return answer;
  }
  const json::value* error = field_of(*answer, "error");
  return error == nullptr ? std::move(answer) : Result<json::value>(status_of(*error));
}

}  // namespace ktl::policy
