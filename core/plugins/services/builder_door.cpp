#include "core/plugins/services/builder_door.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "builders/named.h"

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

// "auto" may end at docker, which is where it is looked for.
bool BuilderDoor::is_own(std::string_view builder) const {
  auto has = [this](std::string_view one) { return std::ranges::find(*own_, one) != own_->end(); };
  return !own_ || has(builder) || (builder == "docker" && has("auto"));
}

Result<BuilderLine> BuilderDoor::open(std::string_view builder, size_t node) const {
  if (!is_own(builder)) {
    return Status(Code::kPermissionDenied, valid_utf8(builder) + " is no builder of this build");
  }
  KTL_ASSIGN(builder::Address address, builder::parse_address(std::string(builder), getenv_));
  KTL_ASSIGN(const auto nodes, builder::follow_names(std::move(address), getenv_));
  if (node >= nodes.size() || nodes[node].address.kind != builder::Address::Kind::kCommand) {
    return Status(Code::kInvalidArgument,
                  valid_utf8(builder) + " is not reached through a program");
  }
  return start(nodes[node].address.command);
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
