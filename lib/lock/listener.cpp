#include "lock/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ktl::lock {
namespace {

constexpr int kBacklog = 128;

// Async-signal-safe: also called in a child of a process with threads. -1 with errno.
int listen_here() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool good = fd >= 0 &&
                    ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                    ::listen(fd, kBacklog) == 0;
  return good ? fd : -1;
}

// One descriptor, or none and what errno says.
void send_socket(int channel, int fd) {
  int error = fd < 0 ? errno : 0;
  iovec part{&error, sizeof(error)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  }
  ::sendmsg(channel, &message, MSG_NOSIGNAL);
}

Result<UniqueFd> receive_socket(int channel) {
  int error = ECHILD;
  iovec part{&error, sizeof(error)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const bool came = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == sizeof(error);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  int fd = -1;
  if (came && header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  }
  return fd >= 0 ? Result<UniqueFd>(UniqueFd(fd))
                 : Status(Code::kFailedPrecondition,
                          std::string("no socket in the builder's network: ") +
                              std::strerror(came ? error : ECHILD));
}

// The namespace's file, or -1 when this process is in it already.
Result<UniqueFd> other_namespace(pid_t process, const std::string& kind) {
  const std::string path = "/proc/" + std::to_string(process) + "/ns/" + kind;
  auto theirs = open_file(path, O_RDONLY);
  if (!theirs.ok()) {
    return Status(Code::kFailedPrecondition, "the builder's network is not this user's to enter: " +
                                                 theirs.status().message());
  }
  struct stat own{};
  struct stat other{};
  if (::stat(("/proc/self/ns/" + kind).c_str(), &own) != 0 || ::fstat(theirs->get(), &other) != 0) {
    return errno_status("stat " + path, errno);
  }
  return own.st_ino == other.st_ino && own.st_dev == other.st_dev ? UniqueFd() : *std::move(theirs);
}

Result<UniqueFd> listen_inside(int user, int net) {
  std::array<int, 2> channel{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.data()) != 0) {
    return errno_status("make a socket pair", errno);
  }
  const UniqueFd here(channel[0]);
  UniqueFd there(channel[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool inside =
        (user < 0 || ::setns(user, CLONE_NEWUSER) == 0) && ::setns(net, CLONE_NEWNET) == 0;
    send_socket(there.get(), inside ? listen_here() : -1);
    ::_exit(0);
  }
  there.reset();
  if (child < 0) {
    return errno_status("fork", errno);
  }
  auto made = receive_socket(here.get());
  ::waitpid(child, nullptr, 0);
  return made;
}

Result<UniqueFd> listen_anywhere(pid_t process) {
  KTL_ASSIGN(const UniqueFd net, other_namespace(process, "net"));
  if (net.valid()) {
    KTL_ASSIGN(const UniqueFd user, other_namespace(process, "user"));
    return listen_inside(user.get(), net.get());
  }
  UniqueFd own(listen_here());
  return own.valid() ? Result<UniqueFd>(std::move(own)) : errno_status("listen on loopback", errno);
}

}  // namespace

Result<pid_t> process_behind(const std::string& socket) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!fd.valid() || socket.size() >= sizeof(address.sun_path)) {
    return Status(Code::kUnavailable, "no connection to " + socket);
  }
  socket.copy(static_cast<char*>(address.sun_path), socket.size());
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return Status(Code::kUnavailable, "no connection to " + socket + ": " + std::strerror(errno));
  }
  return peer.pid > 0 ? Result<pid_t>(peer.pid)
                      : Status(Code::kFailedPrecondition,
                               "the process behind " + socket + " is in another container");
}

Result<Listener> listen_near(pid_t process) {
  Listener made;
  KTL_ASSIGN(made.fd, listen_anywhere(process));
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (::getsockname(made.fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return errno_status("name a socket", errno);
  }
  made.port = ntohs(address.sin_port);
  return made;
}

}  // namespace ktl::lock
