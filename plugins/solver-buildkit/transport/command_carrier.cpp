#include "transport/command_carrier.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/json.h"
#include "base/process.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {
namespace {

constexpr off_t kMaxErrors = 64 << 10;
constexpr off_t kMaxWords = 2048;
constexpr int64_t kEndMs = 500;

// Its last words, on one line and fit for a terminal.
std::string tail(int fd) {
  std::array<char, kMaxWords> buffer{};
  const off_t size = ::lseek(fd, 0, SEEK_CUR);  // where the program has got to
  const off_t count = std::min(size, kMaxWords);
  const ssize_t n = ::pread(fd, buffer.data(), static_cast<size_t>(count), size - count);
  std::string text = valid_utf8({buffer.data(), static_cast<size_t>(std::max<ssize_t>(n, 0))});
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

// An unnamed file of which only the first 64 KiB can be written: unlike a pipe it needs no reader.
Result<UniqueFd> bounded_file() {
  UniqueFd fd(::memfd_create("ktl-stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid() || ::ftruncate(fd.get(), kMaxErrors) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
    return errno_status("memfd", errno);
  }
  return fd;
}

class CommandCarrier final : public Carrier {
 public:
  CommandCarrier(std::string name, Child child, UniqueFd socket, UniqueFd errors)
      : name_(std::move(name)),
        child_(std::move(child)),
        socket_(std::move(socket)),
        errors_(std::move(errors)) {}
  [[nodiscard]] int fd() const override { return socket_.fd(); }
  Result<size_t> read(std::span<char> buffer) override { return explained(socket_.read(buffer)); }
  Result<size_t> write(std::string_view bytes) override { return explained(socket_.write(bytes)); }

 private:
  Result<size_t> explained(Result<size_t> result) {
    if (result.ok()) {
      return result;
    }
    const Result<int> code = child_.wait(kEndMs);
    std::string text = name_ + (code.ok() ? " ended with exit code " + std::to_string(*code)
                                          : " closed the connection");
    const std::string words = tail(errors_.get());
    return Status(Code::kUnavailable, words.empty() ? text : text + ": " + words);
  }

  const std::string name_;
  Child child_;
  SocketCarrier socket_;
  UniqueFd errors_;
};

}  // namespace

Result<std::unique_ptr<Carrier>> run_carrier(const std::vector<std::string>& argv) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  KTL_ASSIGN(UniqueFd errors, bounded_file());
  Command command;
  command.argv = argv;
  Result<Child> child = spawn_on(command, theirs.get(), errors.get(), true);
  if (!child.ok()) {
    return Status(Code::kUnavailable, child.status().message())
        .advise("install " + argv[0] + ", or name another builder");
  }
  return std::unique_ptr<Carrier>(
      new CommandCarrier(argv[0], *std::move(child), std::move(ours), std::move(errors)));
}

}  // namespace ktl::solver
