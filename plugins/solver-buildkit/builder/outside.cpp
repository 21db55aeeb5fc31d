#include "builder/outside.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/process.h"
#include "builder/frames.h"
#include "builder/gate.h"
#include "builder/netns.h"
#include "builder/owner.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxPorts = 64;
constexpr size_t kMaxMessage = 8U << 10U;
constexpr int64_t kUplinkMs = 5'000;

bool is_local(const std::string& host) { return host == "localhost" || host.starts_with("127."); }

void add_port(std::string_view authority, uint16_t fallback, std::set<uint16_t>& ports) {
  auto parsed = parse_host_port(authority.substr(0, authority.find('/')));
  if (parsed.ok() && is_local(parsed->host)) {
    ports.insert(parsed->port == 0 ? fallback : parsed->port);
  }
}

void add_proxy_port(std::string url, std::set<uint16_t>& ports) {
  if (const size_t scheme = url.find("://"); scheme != std::string::npos) {
    url = url.substr(scheme + 3);
  }
  url = url.substr(0, url.find('/'));
  if (const size_t user = url.rfind('@'); user != std::string::npos) {
    url = url.substr(user + 1);
  }
  add_port(url, kGatePort, ports);
}

std::string first_of(const Getenv& getenv, const char* one, const char* other) {
  std::string value = getenv(one);
  return value.empty() ? getenv(other) : value;
}

GateSettings gate_settings(const Site& site, const Network& network, const Getenv& getenv) {
  GateSettings settings{
      network.hosts, first_of(getenv, "HTTPS_PROXY", "https_proxy"), {}, site.home.gate_journal()};
  std::string direct = first_of(getenv, "NO_PROXY", "no_proxy");
  if (const oci::RegistryRule* all = oci::rule_for(site.settings.registries, "*");
      settings.upstream.empty() && all != nullptr) {
    settings.upstream = all->proxy;
    direct = fmt::format("{}", fmt::join(all->no_proxy, ","));
  }
  std::istringstream names(direct);
  for (std::string name; std::getline(names, name, ',');) {
    name.erase(0, name.find_first_not_of(' '));
    settings.direct.push_back(name.substr(0, name.find(' ')));
  }
  return settings;
}

sockaddr_un unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

UniqueFd connect_packets(const std::filesystem::path& path) {
  const sockaddr_un address = unix_address(path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const bool up = fd.valid() && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                                          sizeof(address)) == 0;
  return up ? std::move(fd) : UniqueFd();
}

Result<UniqueFd> listen_for_packets(const std::filesystem::path& path) {
  const sockaddr_un address = unix_address(path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());
  if (!fd.valid() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(fd.get(), 16) != 0) {
    return errno_status("listen at " + path.string(), errno);
  }
  return fd;
}

// slirp4netns reads what strangers send: for root it is another user, without a capability, that no
// process of the jail is.
Command uplink_command(const Site& site, const std::string& socket) {
  Command command;
  if (!site.ids.own) {
    const uint32_t last = kSlotIds - 1;
    command.argv = {"/usr/bin/setpriv",
                    fmt::format("--reuid={}", site.ids.uid + last),
                    fmt::format("--regid={}", site.ids.gid + last),
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all",
                    "--no-new-privs",
                    "--pdeathsig",
                    "KILL",
                    "--"};
  }
  command.argv.insert(command.argv.end(),
                      {site.programs.uplink, "--target-type=bess", "--disable-host-loopback",
                       "--mtu=65520", "--enable-seccomp", socket});
  command.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  command.directory = site.home.uplink();  // the folders above are not that user's to enter
  command.parent_death_signal = SIGKILL;
  return command;
}

class Opened : public Outside {
 public:
  Opened(const Site& site, pid_t inmate, Network network)
      : home_(site.home), inmate_(inmate), network_(std::move(network)) {}

  ~Opened() override {
    if (frames_.joinable()) {
      const uint64_t one = 1;
      static_cast<void>(::write(stop_.get(), &one, sizeof(one)));
      frames_.join();
    }
    std::error_code error;
    std::filesystem::remove_all(home_.uplink(), error);
    ::unlink(home_.door().c_str());
  }

  Status start(const Site& site, const Getenv& getenv, int log) {
    const bool tap = network_.kind == "internet";
    std::vector<uint16_t> ports;
    if (network_.kind == "allow") {
      ports.push_back(kGatePort);
    }
    KTL_ASSIGN(NetworkEnds ends, make_network_ends(inmate_, tap, ports));
    if (tap) {
      KTL_TRY(start_uplink(site, std::move(ends.tap), log));
    }
    gate_ = std::make_unique<Gate>(gate_settings(site, network_, getenv),
                                   [inmate = inmate_](const sockaddr_in& peer, uint16_t port) {
                                     return is_from_daemon(inmate, peer, port);
                                   });
    if (!ends.listeners.empty()) {
      gate_->serve_proxy(std::move(ends.listeners.front()));
      open_.insert(kGatePort);
    }
    KTL_ASSIGN(door_, listen_for_packets(home_.door()));
    return open_ports(loopback_ports_of(site.settings, getenv));
  }

  [[nodiscard]] int door() const override { return door_.get(); }

  void answer_client() override {
    UniqueFd client(::accept4(door_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    timeval patience{1, 0};
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    std::string text(kMaxMessage, '\0');
    const ssize_t size = client.valid() ? ::recv(client.get(), text.data(), text.size(), 0) : -1;
    if (size <= 0) {
      return;
    }
    text.resize(static_cast<size_t>(size));
    auto wish = parse_json(text);
    Status done = wish.ok() ? open_ports(loopback_ports_in(*wish)) : wish.status();
    const std::string said = json::serialize(json::object{{"message", done.message()}});
    ::send(client.get(), said.data(), said.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

 private:
  Status open_ports(std::vector<uint16_t> ports) {
    std::ranges::sort(ports);
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    std::erase_if(ports, [this](uint16_t port) { return open_.contains(port); });
    if (ports.empty()) {
      return {};
    }
    if (open_.size() + ports.size() > kMaxPorts) {
      return {Code::kResourceExhausted, "too many loopback ports for one builder"};
    }
    KTL_ASSIGN(NetworkEnds ends, make_network_ends(inmate_, false, ports));
    for (size_t i = 0; i < ports.size(); ++i) {
      gate_->serve_forwarder(std::move(ends.listeners[i]), ports[i]);
      open_.insert(ports[i]);
    }
    return {};
  }

  Status start_uplink(const Site& site, UniqueFd tap, int log) {
    ::mkdir(home_.uplink().c_str(), 0700);
    const uint32_t last = kSlotIds - 1;
    if (!site.ids.own &&
        ::lchown(home_.uplink().c_str(), site.ids.uid + last, site.ids.gid + last) != 0) {
      return errno_status("give away " + home_.uplink().string(), errno);
    }
    const std::string name = home_.key + ".frames";
    const auto socket = home_.uplink() / name;
    ::unlink(socket.c_str());
    KTL_ASSIGN(slirp_, spawn(uplink_command(site, name), log, false));
    const int64_t deadline = system_clock().monotonic_ns() + kUplinkMs * 1'000'000;
    UniqueFd uplink;
    while (!(uplink = connect_packets(socket)).valid()) {
      if (system_clock().monotonic_ns() > deadline || slirp_.wait(0).ok()) {
        return {Code::kUnavailable, "slirp4netns does not start"};
      }
      ::usleep(1'000);
    }
    tap_ = std::move(tap);
    uplink_ = std::move(uplink);
    ::fcntl(uplink_.get(), F_SETFL, O_NONBLOCK);
    stop_.reset(::eventfd(0, EFD_CLOEXEC));
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);  // signals are the main thread's
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    frames_ = std::thread(carry_frames, tap_.get(), uplink_.get(), stop_.get());
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return {};
  }

  Home home_;
  pid_t inmate_;
  Network network_;
  Child slirp_;
  UniqueFd tap_;
  UniqueFd uplink_;
  UniqueFd stop_;
  std::thread frames_;
  UniqueFd door_;
  std::set<uint16_t> open_;
  std::unique_ptr<Gate> gate_;
};

}  // namespace

std::vector<uint16_t> loopback_ports_of(const Settings& settings, const Getenv& getenv) {
  std::set<uint16_t> ports(settings.loopback_ports.begin(), settings.loopback_ports.end());
  for (const oci::RegistryRule& rule : settings.registries) {
    add_port(rule.host, rule.http ? 80 : 443, ports);
    for (const std::string& mirror : rule.mirrors) {
      add_port(mirror, 443, ports);
    }
    if (!rule.proxy.empty()) {
      add_proxy_port(rule.proxy, ports);
    }
  }
  for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}) {
    if (std::string url = getenv(name); !url.empty()) {
      add_proxy_port(url, ports);
    }
  }
  return {ports.begin(), ports.end()};
}

Result<std::unique_ptr<Outside>> Outside::open(const Site& site, pid_t inmate, const Getenv& getenv,
                                               int log) {
  KTL_ASSIGN(Network network, parse_network(site.settings.network));
  if (network.kind == "none" || network.kind == "host") {
    return std::unique_ptr<Outside>();
  }
  if (network.kind == "internet" && site.programs.uplink.empty()) {
    return Status(Code::kUnavailable, "slirp4netns is not installed")
        .advise("install the package slirp4netns, or build with --network none");
  }
  auto opened = std::make_unique<Opened>(site, inmate, std::move(network));
  KTL_TRY(opened->start(site, getenv, log));
  return std::unique_ptr<Outside>(std::move(opened));
}

Status ask_for_ports(const Home& home, const std::vector<uint16_t>& ports) {
  UniqueFd door = connect_packets(home.door());
  const std::string wish =
      json::serialize(json::object{{"loopback_ports", json::array(ports.begin(), ports.end())}});
  std::string text(kMaxMessage, '\0');
  timeval patience{10, 0};
  ::setsockopt(door.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const bool sent = door.valid() && ::send(door.get(), wish.data(), wish.size(), MSG_NOSIGNAL) > 0;
  const ssize_t size = sent ? ::recv(door.get(), text.data(), text.size(), 0) : -1;
  auto answer = size > 0 ? parse_json(std::string_view(text).substr(0, static_cast<size_t>(size)))
                         : Result<json::value>(Status(Code::kUnavailable, ""));
  const std::string said = answer.ok() ? std::string(text_of(*answer, "message"))
                                       : "the private builder's supervisor does not answer";
  return said.empty() ? Status()
                      : Status(Code::kUnavailable, "no way to registries on this machine: " + said);
}

}  // namespace ktl::builder
