#include "core/plugins/services/secrets.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace ktl {
namespace {

Status too_large(std::string_view id) {
  return {Code::kResourceExhausted, "secret " + std::string(id) + " is larger than 500 KiB"};
}

// Reads into one buffer that never grows, so that no copy of the value is left behind.
Result<SecretBytes> read_secret(const SecretSource& source) {
  KTL_ASSIGN(UniqueFd file, open_file(source.src, O_RDONLY | O_NONBLOCK));
  struct stat info{};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument,
                  "secret " + source.id + ": " + source.src + " is not a regular file");
  }
  std::vector<char> buffer(Secrets::kMaxValue + 1);
  size_t size = 0;
  ssize_t got = 1;
  while (size < buffer.size() && got != 0) {
    got = read(file.get(), buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno != EINTR) {
      return errno_status("secret " + source.id + ": read " + source.src, errno);
    }
    size += got > 0 ? static_cast<size_t>(got) : 0;
  }
  bool fits = size <= Secrets::kMaxValue;
  buffer.resize(size);
  SecretBytes bytes(std::move(buffer));
  return fits ? Result<SecretBytes>(std::move(bytes)) : too_large(source.id);
}

Result<SecretBytes> secret_of_environment(const SecretSource& source) {
  const char* value = getenv(source.env.c_str());
  if (value == nullptr) {
    return Status(Code::kNotFound,
                  "secret " + source.id + ": the variable " + source.env + " is not set");
  }
  std::string_view bytes(value);
  return bytes.size() > Secrets::kMaxValue ? Result<SecretBytes>(too_large(source.id))
                                           : SecretBytes({bytes.begin(), bytes.end()});
}

Result<UniqueFd> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Status(Code::kInvalidArgument, "no socket path: \"" + path + "\"");
  }
  path.copy(address.sun_path, path.size());
  UniqueFd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket_fd.valid()) {
    return errno_status("socket", errno);
  }
  if (connect(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Status(Code::kUnavailable, errno_status("connect " + path, errno).message());
  }
  return socket_fd;
}

}  // namespace

SecretBytes::~SecretBytes() {
  if (!bytes_.empty()) {
    explicit_bzero(bytes_.data(), bytes_.size());
  }
}

Result<SecretBytes> Secrets::value(std::string_view id) const {
  auto source = std::ranges::find(secrets_, id, &SecretSource::id);
  if (source == secrets_.end()) {
    return Status(Code::kNotFound, "no secret is called " + std::string(id))
        .advise("name it with --secret id=" + std::string(id) + ",src=FILE");
  }
  KTL_ASSIGN(SecretBytes bytes,
             source->src.empty() ? secret_of_environment(*source) : read_secret(*source));
  KTL_TRY(sink_ ? sink_(bytes.view()) : Status());
  return bytes;
}

Result<UniqueFd> Secrets::connect_agent(std::string_view id) const {
  std::string_view wanted = id.empty() ? "default" : id;
  auto source = std::ranges::find(agents_, wanted, &SshSource::id);
  if (source == agents_.end()) {
    return Status(Code::kNotFound, "no ssh agent is called " + std::string(wanted))
        .advise("name it with --ssh " + std::string(wanted));
  }
  if (!source->src.empty()) {
    return connect_unix(source->src);
  }
  const char* agent = getenv("SSH_AUTH_SOCK");
  if (agent == nullptr || *agent == '\0') {
    return Status(Code::kUnavailable, "ssh agent " + source->id + ": SSH_AUTH_SOCK is not set")
        .advise("start an agent, or name its socket with --ssh " + source->id + "=PATH");
  }
  return connect_unix(agent);
}

}  // namespace ktl
