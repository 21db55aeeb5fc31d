#include "builder/owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <sstream>
#include <string>

#include "base/fd.h"
#include "base/number.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxTable = 16U << 20U;

std::string link_at(const std::string& path) {
  std::array<char, 128> name{};
  const ssize_t size = ::readlink(path.c_str(), name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<size_t>(size)) : "";
}

// "socket:[INODE]" of the connection's other end, from /proc/PID/net/tcp (proc(5)).
std::string socket_of(const std::string& proc, const sockaddr_in& peer, uint16_t port) {
  auto fd = open_file(proc + "/net/tcp", O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxTable) : Result<std::string>(fd.status());
  // Addresses as the kernel prints them: the number in memory order.
  const std::string local =
      fmt::format("{:08X}:{:04X}", peer.sin_addr.s_addr, ntohs(peer.sin_port));
  const std::string remote = fmt::format("{:08X}:{:04X}", htonl(INADDR_LOOPBACK), port);
  std::istringstream lines(text.ok() ? *text : "");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, from, to, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> number >> from >> to >> state >> queues >> timer >> retransmits >> uid >> timeout >>
        inode;
    if (from == local && to == remote && inode != "0") {
      return "socket:[" + inode + "]";
    }
  }
  return "";
}

bool holds(const std::filesystem::path& proc, const std::string& socket) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc / "fd", error)) {
    if (link_at(entry.path()) == socket) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_from_daemon(pid_t inmate, const sockaddr_in& peer, uint16_t port) {
  const std::string proc = fmt::format("/proc/{}", inmate);
  const std::string socket = socket_of(proc, peer, port);
  if (socket.empty()) {
    return false;
  }
  if (holds(proc, socket)) {
    return true;
  }
  const std::string processes = link_at(proc + "/ns/pid");
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    if (whole_number(entry.path().filename().string()) && !processes.empty() &&
        link_at(entry.path() / "ns/pid") == processes && holds(entry.path(), socket)) {
      return true;
    }
  }
  return false;
}

}  // namespace ktl::builder
