// `ktl __look`: what is seen and possible where it runs, as JSON. `ktl build sandbox doctor` runs
// it behind the fence.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "base/json.h"
#include "base/number.h"
#include "cli/commands/command.h"
#include "cli/commands/sandbox_probes.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

std::string outcome(bool done) { return done ? "ok" : std::strerror(errno); }

json::array numbers_in_proc() {
  json::array found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    if (const auto number = whole_number(entry.path().filename().native())) {
      found.push_back(*number);
    }
  }
  return found;
}

std::string try_to_write(const fs::path& folder) {
  const fs::path file = folder / (".ktl-look-" + std::to_string(::getpid()));
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const std::string said = outcome(fd.valid());
  if (fd.valid()) {
    ::unlink(file.c_str());
  }
  return said;
}

// A copy of a program in `folder`, run.
std::string try_to_execute(const fs::path& folder) {
  const fs::path file = folder / (".ktl-look-program-" + std::to_string(::getpid()));
  std::error_code error;
  fs::copy_file("/bin/true", file, error);
  if (error) {
    return "not tried: " + error.message();
  }
  ::chmod(file.c_str(), 0700);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(file.c_str(), "true", static_cast<char*>(nullptr));
    ::_exit(errno == EACCES ? 13 : 14);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  fs::remove(file, error);
  return WEXITSTATUS(status) == 0 ? "ok" : WEXITSTATUS(status) == 13 ? "refused" : "failed";
}

json::object flags_of(const fs::path& folder) {
  struct statvfs info{};
  const bool known = ::statvfs(folder.c_str(), &info) == 0;
  return {{"noexec", known && (info.f_flag & ST_NOEXEC) != 0},
          {"nosuid", known && (info.f_flag & ST_NOSUID) != 0},
          {"rdonly", known && (info.f_flag & ST_RDONLY) != 0}};
}

std::string try_to_connect(uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(port);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return outcome(::connect(fd.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) == 0);
}

json::object file_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return {{"seen", false}};
  }
  return {{"seen", true},
          {"device", static_cast<int64_t>(info.st_dev)},
          {"inode", static_cast<int64_t>(info.st_ino)}};
}

std::string lines_of_status() {
  auto text = read_file("/proc/self/status", 64U << 10U);
  return text.ok() ? *text : "";
}

}  // namespace

// Words: WORKDIR PORT PATH...
int run_sandbox_look(const Invocation& invocation) {
  if (invocation.args.size() < 2) {
    return fail(invocation.console,
                Status(Code::kInvalidArgument, "__look WORKDIR PORT [PATH...]"));
  }
  const std::string& workdir = invocation.args[0];
  json::object paths;
  for (size_t i = 2; i < invocation.args.size(); ++i) {
    paths[invocation.args[i]] = file_of(invocation.args[i]);
  }
  const auto port = static_cast<uint16_t>(whole_number(invocation.args[1]).value_or(0));
  invocation.console.out(json::serialize(json::object{{"namespaces", namespaces_here()},
                                                      {"processes", numbers_in_proc()},
                                                      {"context", file_of(workdir)},
                                                      {"context_write", try_to_write(workdir)},
                                                      {"tmp_write", try_to_write("/tmp")},
                                                      {"tmp_execute", try_to_execute("/tmp")},
                                                      {"tmp_flags", flags_of("/tmp")},
                                                      {"status", lines_of_status()},
                                                      {"connect", try_to_connect(port)},
                                                      {"paths", std::move(paths)}}));
  return 0;
}

}  // namespace ktl::cli
