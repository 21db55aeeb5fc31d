#include "docker_load.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.h"
#include "base/json.h"

namespace ktl::export_oci {
namespace {

constexpr int64_t kMaxAnswer = 1 << 20;
constexpr int64_t kStallMs = 600'000;  // docker unpacks a layer before it reads on

Status refused(const std::string& words) {
  return Status(Code::kUnavailable, "docker did not take the image: " + valid_utf8(words))
      .advise("see docker's log");
}

// docker answers 200 and says in the last of a stream of JSON lines how it went.
Status judge(const http::Response& response) {
  std::string_view rest = response.body;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    Result<json::value> line = parse_json(rest.substr(0, end));
    if (line.ok() && !text_of(*line, "error").empty()) {
      return refused(std::string(text_of(*line, "error")));
    }
    if (line.ok() && !response.ok()) {
      return refused(std::string(text_of(*line, "message")));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return response.ok() ? Status() : refused("HTTP " + std::to_string(response.status));
}

}  // namespace

Result<std::string> docker_socket() {
  constexpr std::string_view kUnix = "unix://";
  const char* host = std::getenv("DOCKER_HOST");
  std::string address = host == nullptr || *host == 0 ? "unix:///var/run/docker.sock" : host;
  if (!address.starts_with(kUnix)) {
    return Status(Code::kInvalidArgument, "--load into " + address + ": not built yet")
        .advise(
            "unset DOCKER_HOST or point it to a unix socket; --output type=docker,dest=FILE "
            "writes what `docker load` reads");
  }
  std::string path = address.substr(kUnix.size());
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) {
    return Status(Code::kUnavailable, "--load: there is no docker at " + path)
        .advise("start it, name it in DOCKER_HOST, or write --output type=docker,dest=FILE");
  }
  return path;
}

Status docker_load(http::Transport& transport, const std::string& socket,
                   const std::filesystem::path& archive) {
  KTL_ASSIGN(const UniqueFd fd, open_file(archive, O_RDONLY | O_NOFOLLOW));
  struct stat about{};
  if (::fstat(fd.get(), &about) != 0) {
    return errno_status("look at the archive", errno);
  }
  http::Request request;
  request.method = "POST";
  request.url = "http://localhost/images/load?quiet=1";
  request.unix_socket = socket;
  request.headers = {{"Content-Type", "application/x-tar"}};
  request.body_fd = fd.get();
  request.body_size = about.st_size;
  request.response_limit = kMaxAnswer;
  request.stall_timeout_ms = kStallMs;
  Result<http::Response> response = transport.send(request);
  if (!response.ok()) {
    return std::move(response).status().in("docker at " + socket);
  }
  return judge(*response);
}

}  // namespace ktl::export_oci
