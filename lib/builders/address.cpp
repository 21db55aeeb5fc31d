#include "builders/address.h"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>

namespace ktl::builder {
namespace {

constexpr size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view kForms =
    "write unix:///path, tcp://host:port, docker, docker-container://NAME, ssh://user@host, "
    "kube-pod://POD, a name of `docker buildx ls`, or auto";

using Options = std::map<std::string, std::string, std::less<>>;

// "scheme://body?key=value&key=value".
struct Parts {
  std::string body;
  Options options;
};

Status bad(const Address& address, const std::string& why) {
  return Status(Code::kInvalidArgument, address.origin + ": " + address.text + " " + why)
      .advise(std::string(kForms));
}

// A word that becomes an argument of a program, here or on another machine: nothing that begins
// an option, nor that a shell would read.
bool is_plain_word(std::string_view word, std::string_view more = "") {
  return !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_.-").find(c) != std::string_view::npos ||
           more.find(c) != std::string_view::npos;
  });
}

Result<Parts> split(const Address& address, size_t scheme_size,
                    const std::vector<std::string_view>& known) {
  std::string_view rest = std::string_view(address.text).substr(scheme_size);
  const size_t mark = rest.find('?');
  Parts parts{std::string(rest.substr(0, mark)), {}};
  rest.remove_prefix(mark == std::string_view::npos ? rest.size() : mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::string_view key = pair.substr(0, pair.find('='));
    if (std::find(known.begin(), known.end(), key) == known.end() ||
        key.size() + 1 >= pair.size()) {
      return bad(address, "has an unknown or empty part \"" + std::string(pair) + "\"");
    }
    parts.options[std::string(key)] = pair.substr(key.size() + 1);
  }
  return parts;
}

Status set_socket(Address& address, const std::string& path) {
  if (path.empty() || path[0] != '/') {
    return bad(address, "names no absolute socket path");
  }
  if (path.size() > kMaxSocketPath) {
    return {Code::kInvalidArgument, address.origin + ": the socket path has " +
                                        std::to_string(path.size()) + " bytes, the kernel takes " +
                                        std::to_string(kMaxSocketPath)};
  }
  address.kind = Address::Kind::kUnix;
  address.path = path;
  return {};
}

// "host:port", "[::1]:port".
Status set_host_port(Address& address, std::string_view text, std::optional<uint16_t> fallback) {
  const size_t end = text.starts_with('[') ? text.find(']') : text.find(':');
  std::string_view host = text.substr(0, end);
  std::string_view port;
  if (text.starts_with('[') && end != std::string_view::npos) {
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (end != std::string_view::npos) {
    port = text.substr(end);
  }
  unsigned number = fallback.value_or(0);
  if (!port.empty()) {
    const char* last = port.data() + port.size();
    const auto parsed = std::from_chars(port.data() + 1, last, number);
    number = port[0] == ':' && parsed.ec == std::errc() && parsed.ptr == last ? number : 0;
  }
  if (!is_plain_word(host, ":") || number == 0 || number > 65535) {
    return bad(address, fallback ? "names no host" : "names no host and port");
  }
  address.host = host;
  address.port = static_cast<uint16_t>(number);
  return {};
}

Result<Address> unix_address(Address address, size_t scheme) {
  KTL_TRY(set_socket(address, address.text.substr(scheme)));
  return address;
}

Result<Address> tcp_address(Address address, size_t scheme) {
  KTL_ASSIGN(Parts parts, split(address, scheme, {"cacert", "cert", "key", "servername"}));
  KTL_TRY(set_host_port(address, parts.body, std::nullopt));
  address.kind = Address::Kind::kTcp;
  if (!parts.options.empty()) {
    address.tls = TlsFiles{parts.options["cacert"], parts.options["cert"], parts.options["key"],
                           parts.options["servername"]};
  }
  return address;
}

// The options of `parts` as "--key=value", each a plain word.
Result<std::vector<std::string>> as_flags(const Address& address, const Parts& parts) {
  std::vector<std::string> flags;
  for (const auto& [key, value] : parts.options) {
    if (!is_plain_word(value, "/:@")) {
      return bad(address, "has a " + key + " that is no name");
    }
    flags.push_back("--" + key + "=" + value);
  }
  return flags;
}

// docker-container://NAME: `docker exec -i NAME buildctl dial-stdio`.
Result<Address> container_address(Address address, size_t scheme, const char* program) {
  KTL_ASSIGN(const Parts parts, split(address, scheme, {"context"}));
  KTL_ASSIGN(const std::vector<std::string> flags, as_flags(address, parts));
  if (!is_plain_word(parts.body)) {
    return bad(address, "names no container");
  }
  address.kind = Address::Kind::kCommand;
  address.command = {program};
  address.command.insert(address.command.end(), flags.begin(), flags.end());
  for (const char* word : {"exec", "-i"}) {
    address.command.emplace_back(word);
  }
  address.command.push_back(parts.body);
  for (const char* word : {"buildctl", "dial-stdio"}) {
    address.command.emplace_back(word);
  }
  return address;
}

Result<Address> pod_address(Address address, size_t scheme) {
  KTL_ASSIGN(const Parts parts, split(address, scheme, {"context", "namespace", "container"}));
  KTL_ASSIGN(const std::vector<std::string> flags, as_flags(address, parts));
  if (!is_plain_word(parts.body)) {
    return bad(address, "names no pod");
  }
  address.kind = Address::Kind::kCommand;
  address.command = {"kubectl", "exec", "-i"};
  address.command.insert(address.command.end(), flags.begin(), flags.end());
  for (const std::string& word :
       {parts.body, std::string("--"), std::string("buildctl"), std::string("dial-stdio")}) {
    address.command.push_back(word);
  }
  return address;
}

// What runs on the other machine: `dial`, with the socket if one is named.
Result<Address> over_ssh(Address address, size_t scheme, const std::vector<std::string>& dial,
                         const std::string& socket_flag) {
  std::string_view rest = std::string_view(address.text).substr(scheme);
  const std::string_view where = rest.substr(0, rest.find('/'));
  const std::string socket(rest.substr(where.size()));
  const size_t at = where.rfind('@');
  const std::string user(at == std::string_view::npos ? "" : where.substr(0, at));
  KTL_TRY(set_host_port(address, where.substr(at == std::string_view::npos ? 0 : at + 1), 22));
  if ((at != std::string_view::npos && !is_plain_word(user)) ||
      (socket.size() > 1 && !is_plain_word(socket, "/"))) {
    return bad(address, "has a user or a path that is no plain name");
  }
  address.kind = Address::Kind::kCommand;
  address.command = {"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"};
  if (where.ends_with(":" + std::to_string(address.port))) {
    address.command.insert(address.command.end(), {"-p", std::to_string(address.port)});
  }
  address.command.insert(address.command.end(),
                         {"--", user.empty() ? address.host : user + "@" + address.host});
  address.command.push_back(dial.front());
  if (socket.size() > 1) {
    address.command.insert(address.command.end(), {socket_flag, "unix://" + socket});
  }
  address.command.insert(address.command.end(), dial.begin() + 1, dial.end());
  return address;
}

Result<Address> docker_address(Address address, const std::string& name) {
  if (name.starts_with('/')) {
    address.dockerd = true;
    KTL_TRY(set_socket(address, name));
    return address;
  }
  if (!name.empty() && !is_plain_word(name)) {
    return bad(address, "names no docker context");
  }
  address.kind = Address::Kind::kDocker;
  address.name = name;
  return address;
}

Result<Address> explicit_address(const std::string& text, const std::string& origin) {
  Address address;
  address.text = text;
  address.origin = origin;
  const size_t mark = text.find("://");
  const std::string scheme = text.substr(0, mark);
  const size_t size = scheme.size() + 3;
  if (mark == std::string::npos) {
    if (text == "docker") {
      return docker_address(std::move(address), "");
    }
    if (!is_plain_word(text)) {
      return bad(address, "is no builder address");
    }
    address.kind = Address::Kind::kNamed;
    address.name = text;
    return address;
  }
  if (scheme == "unix") {
    return unix_address(std::move(address), size);
  }
  if (scheme == "tcp") {
    return tcp_address(std::move(address), size);
  }
  if (scheme == "ssh") {
    return over_ssh(std::move(address), size, {"buildctl", "dial-stdio"}, "--addr");
  }
  if (scheme == "kube-pod") {
    return pod_address(std::move(address), size);
  }
  if (scheme == "docker") {
    return docker_address(std::move(address), text.substr(size));
  }
  for (const char* program : {"docker", "podman", "nerdctl"}) {
    if (scheme == std::string(program) + "-container") {
      return container_address(std::move(address), size, program);
    }
  }
  return bad(address, "is no builder address");
}

}  // namespace

Result<Address> parse_address(const std::string& text, const Getenv& getenv) {
  if (!text.empty() && text != "auto") {
    return explicit_address(text, "--builder");
  }
  if (const std::string host = getenv("BUILDKIT_HOST"); !host.empty()) {
    return explicit_address(host, "BUILDKIT_HOST");
  }
  if (const std::string name = getenv("BUILDX_BUILDER"); !name.empty()) {
    return explicit_address(name, "BUILDX_BUILDER");
  }
  if (const std::string name = getenv("DOCKER_CONTEXT"); !name.empty()) {
    return explicit_address("docker://" + name, "DOCKER_CONTEXT");
  }
  Address address;
  address.origin = "auto";
  return address;
}

Result<Address> docker_endpoint(const std::string& text, const std::string& origin,
                                const std::optional<TlsFiles>& tls) {
  Address address;
  address.text = text;
  address.origin = origin;
  Result<Address> found = bad(address, "is no address of a docker daemon");
  if (text.starts_with("unix://")) {
    found = unix_address(std::move(address), 7);
  } else if (text.starts_with("tcp://")) {
    found = tcp_address(std::move(address), 6);
  } else if (text.starts_with("ssh://")) {
    found = over_ssh(std::move(address), 6, {"docker", "system", "dial-stdio"}, "--host");
  }
  if (found.ok()) {
    found->dockerd = true;
    found->tls = tls;
  }
  return found;
}

std::string unfenced_note(const std::string& address) {
  return "RUN steps are not fenced: builder " + address +
         " is outside ktl's control, and who may use it may be root-equivalent there";
}

}  // namespace ktl::builder
