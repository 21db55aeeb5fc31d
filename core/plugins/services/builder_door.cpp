#include "core/plugins/services/builder_door.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "builders/named.h"
#include "builders/sockets.h"

namespace ktl {
namespace {

constexpr off_t kMaxErrors = 64 << 10;
constexpr size_t kMaxPrograms = 128;

// An unnamed file of which only the first 64 KiB can be written: unlike a pipe it needs no reader.
Result<UniqueFd> bounded_file() {
  UniqueFd fd(::memfd_create("ktl-stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid() || ::ftruncate(fd.get(), kMaxErrors) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
    return errno_status("memfd", errno);
  }
  return fd;
}

}  // namespace

bool BuilderDoor::is_own(std::string_view builder) const {
  const std::lock_guard lock(mutex_);
  return !own_ || std::ranges::find(*own_, builder) != own_->end();
}

void BuilderDoor::admit(std::string builder) const {
  const std::lock_guard lock(mutex_);
  if (own_) {
    own_->push_back(std::move(builder));
  }
}

Result<BuilderLine> BuilderDoor::open(std::string_view builder, size_t node) const {
  if (!is_own(builder)) {
    return Status(Code::kPermissionDenied, valid_utf8(builder) + " is no builder of this build");
  }
  KTL_ASSIGN(builder::Address address, builder::parse_address(std::string(builder), getenv_));
  KTL_ASSIGN(const auto nodes, builder::follow_names(std::move(address), getenv_));
  if (node >= nodes.size()) {
    return Status(Code::kInvalidArgument, valid_utf8(builder) + " has no such node");
  }
  const builder::Address& there = nodes[node].address;
  return there.kind == builder::Address::Kind::kCommand ? start(there.command) : call(there);
}

// Nothing can be said on a socket's standard error, and there is no process to end.
Result<BuilderLine> BuilderDoor::call(const builder::Address& there) const {
  using Kind = builder::Address::Kind;
  if (there.kind != Kind::kUnix && there.kind != Kind::kTcp) {
    return Status(Code::kInvalidArgument, there.text + " is no address that can be opened");
  }
  BuilderLine line;
  KTL_ASSIGN(line.stream, there.kind == Kind::kUnix
                              ? builder::connect_unix(there.path)
                              : builder::connect_tcp(there.host, there.port, [] { return false; }));
  KTL_ASSIGN(line.errors, bounded_file());
  line.process = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  return line;
}

// In a session of its own, so that Ctrl-C reaches ktl alone.
Result<BuilderLine> BuilderDoor::start(const std::vector<std::string>& argv) const {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  BuilderLine line{.stream = UniqueFd(ends[0]), .errors = {}, .process = {}};
  const UniqueFd theirs(ends[1]);
  KTL_ASSIGN(line.errors, bounded_file());
  Command command;
  command.argv = argv;
  const std::lock_guard lock(mutex_);
  std::erase_if(programs_, [](Child& program) { return program.wait(0).ok(); });
  if (programs_.size() >= kMaxPrograms) {
    return Status(Code::kResourceExhausted, "too many connections to builders are open");
  }
  Result<Child> child = spawn_on(command, theirs.get(), line.errors.get(), true);
  if (!child.ok()) {
    return Status(Code::kUnavailable, child.status().message())
        .advise("install " + argv[0] + ", or name another builder");
  }
  line.process = UniqueFd(::fcntl(child->pidfd(), F_DUPFD_CLOEXEC, 3));
  programs_.push_back(*std::move(child));
  return line;
}

}  // namespace ktl
