#include "builder/netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ktl::builder {
namespace {

constexpr const char* kDevice = "tap0";
constexpr const char* kOpensTun = "open /dev/net/tun";
constexpr int kMtu = 65520;  // what slirp4netns takes at most; large packets are what makes it fast
constexpr int kBacklog = 128;
constexpr size_t kMaxEnds = 128;

// What the child says: what went wrong, or nothing and the descriptors.
struct Report {
  int error = 0;
  std::array<char, 48> what{};
};

// Everything from here to send_ends runs in a child that shares this process' memory image and must
// not allocate: another thread may have held a lock when it was forked.
bool failed(Report& report, const char* what) {
  report.error = errno;
  std::strncpy(report.what.data(), what, report.what.size() - 1);
  return false;
}

sockaddr ipv4(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  sockaddr plain{};
  std::memcpy(&plain, &address, sizeof(address));
  return plain;
}

// netdevice(7).
bool bring_up(int control, Report& report) {
  ifreq request{};
  std::strncpy(request.ifr_name, kDevice, IFNAMSIZ - 1);
  request.ifr_mtu = kMtu;
  if (::ioctl(control, SIOCSIFMTU, &request) != 0) {
    return failed(report, "set the size of packets");
  }
  request.ifr_addr = ipv4("10.0.2.100");
  if (::ioctl(control, SIOCSIFADDR, &request) != 0) {
    return failed(report, "give the device an address");
  }
  request.ifr_netmask = ipv4("255.255.255.0");
  if (::ioctl(control, SIOCSIFNETMASK, &request) != 0) {
    return failed(report, "give the device a network");
  }
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(control, SIOCSIFFLAGS, &request) != 0) {
    return failed(report, "bring the device up");
  }
  rtentry route{};
  route.rt_dst = ipv4("0.0.0.0");
  route.rt_genmask = ipv4("0.0.0.0");
  route.rt_gateway = ipv4("10.0.2.2");
  route.rt_flags = RTF_UP | RTF_GATEWAY;
  return ::ioctl(control, SIOCADDRT, &route) == 0 || failed(report, "add a route");
}

int open_tap(Report& report) {
  const int tap = ::open(kTun, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tap < 0) {
    failed(report, kOpensTun);
    return -1;
  }
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  std::strncpy(request.ifr_name, kDevice, IFNAMSIZ - 1);
  if (::ioctl(tap, TUNSETIFF, &request) != 0) {
    failed(report, "make a tap device");
    return -1;
  }
  const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return bring_up(control, report) ? tap : -1;
}

int listen_at(uint16_t port, Report& report) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd, kBacklog) != 0) {
    failed(report, "listen on loopback");
    return -1;
  }
  return fd;
}

bool enter(int user, int net, Report& report) {
  return (::setns(user, CLONE_NEWUSER) == 0 && ::setns(net, CLONE_NEWNET) == 0) ||
         failed(report, "enter the namespaces");
}

void send_ends(int channel, const Report& report, const int* ends, size_t count) {
  iovec part{const_cast<Report*>(&report), sizeof(report)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMaxEnds * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), ends, count * sizeof(int));
  }
  ::sendmsg(channel, &message, MSG_NOSIGNAL);
}

[[noreturn]] void work_inside(int channel, int user, int net, bool tap, const uint16_t* ports,
                              size_t count) {
  Report report;
  std::array<int, kMaxEnds> ends{};
  size_t made = 0;
  bool good = enter(user, net, report);
  if (good && tap) {
    ends[made] = open_tap(report);
    good = ends[made++] >= 0;
  }
  for (size_t i = 0; good && i < count; ++i) {
    ends[made] = listen_at(ports[i], report);
    good = ends[made++] >= 0;
  }
  send_ends(channel, report, ends.data(), good ? made : 0);
  ::_exit(0);
}

Result<std::vector<UniqueFd>> receive_ends(int channel) {
  Report report;
  report.error = ECHILD;
  iovec part{&report, sizeof(report)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMaxEnds * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  std::vector<UniqueFd> ends;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; header->cmsg_type == SCM_RIGHTS && i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      ends.emplace_back(fd);
    }
  }
  if (size != sizeof(report) || report.error != 0) {
    report.what.back() = '\0';
    Status failed(Code::kUnavailable, fmt::format("cannot {} for the builder's network: {}",
                                                  report.what.data(), std::strerror(report.error)));
    return std::string_view(report.what.data()) == kOpensTun
               ? std::move(failed).advise(tun_advice())
               : failed;
  }
  return ends;
}

}  // namespace

std::string tun_advice() {
  return "as root: modprobe tun, then chmod 666 /dev/net/tun (as udev does); or build with "
         "--network none";
}

Result<NetworkEnds> make_network_ends(pid_t inmate, bool tap, const std::vector<uint16_t>& ports) {
  if (ports.size() + 1 > kMaxEnds) {
    return Status(Code::kInvalidArgument, "too many ports for one builder");
  }
  const std::string proc = fmt::format("/proc/{}/ns/", inmate);
  KTL_ASSIGN(UniqueFd user, open_file(proc + "user", O_RDONLY));
  KTL_ASSIGN(UniqueFd net, open_file(proc + "net", O_RDONLY));
  std::array<int, 2> channel{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.data()) != 0) {
    return errno_status("make a socket pair", errno);
  }
  UniqueFd here(channel[0]);
  UniqueFd there(channel[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    work_inside(there.get(), user.get(), net.get(), tap, ports.data(), ports.size());
  }
  there.reset();
  auto ends = child > 0 ? receive_ends(here.get())
                        : Result<std::vector<UniqueFd>>(errno_status("fork", errno));
  if (child > 0) {
    ::waitpid(child, nullptr, 0);
  }
  KTL_TRY(ends.status());
  NetworkEnds made;
  for (UniqueFd& end : *ends) {
    (tap && !made.tap.valid() ? made.tap : made.listeners.emplace_back()) = std::move(end);
  }
  return made;
}

}  // namespace ktl::builder
