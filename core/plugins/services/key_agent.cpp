#include "core/plugins/services/key_agent.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/fd.h"
#include "base/json.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kAddMs = 10'000;
constexpr int kStartMs = 5'000;
constexpr size_t kMaxDigits = 12;
constexpr size_t kMaxWords = 4096;

bool has_keys(const SshSource& source) { return !source.keys.empty(); }

Status need(Status status) {
  return status.code() == Code::kNotFound
             ? Status(Code::kNotFound, "--ssh with a key file needs ssh-agent and ssh-add")
                   .advise("install the package openssh-client, or name an agent's socket")
             : std::move(status);
}

// The agent's own number, which it tells its command.
Result<UniqueFd> process_of(int line) {
  std::string text;
  char byte = 0;
  pollfd wait{line, POLLIN, 0};
  while (text.size() < kMaxDigits && ::poll(&wait, 1, kStartMs) == 1 &&
         ::read(line, &byte, 1) == 1 && byte != '\n') {
    text += byte;
  }
  int pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  UniqueFd process(pid > 1 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1);
  return process.valid() ? Result<UniqueFd>(std::move(process))
                         : Status(Code::kUnavailable, "ssh-agent did not start");
}

// In a session of its own: without a terminal nobody is asked for a passphrase.
Status add_key(const std::string& id, const std::string& key, const std::string& socket) {
  const UniqueFd said(::memfd_create("ssh-add", MFD_CLOEXEC));
  Command command;
  command.argv = {"ssh-add", "-q", key};
  command.env = {"PATH=/usr/local/bin:/usr/bin:/bin", "SSH_AUTH_SOCK=" + socket,
                 "SSH_ASKPASS_REQUIRE=never"};
  Result<Child> child = spawn(command, said.get(), true);
  KTL_TRY(need(child.status()));
  const Result<int> code = child->wait(kAddMs);
  if (code.ok() && *code == 0) {
    return {};
  }
  ::lseek(said.get(), 0, SEEK_SET);
  const Result<std::string> heard = read_all(said.get(), kMaxWords);
  std::string words = heard.ok() ? valid_utf8(*heard) : "it says too much";
  std::ranges::replace(words, '\n', ' ');
  return Status(Code::kInvalidArgument,
                "--ssh " + id + ": the key " + key + " cannot be used: " + words)
      .advise("a key with a passphrase has to be added to an agent: ssh-add " + key);
}

}  // namespace

Result<KeyAgents> KeyAgents::start(const std::vector<SshSource>& sources, const fs::path& runtime) {
  KeyAgents agents;
  agents.sources_ = sources;
  if (std::ranges::none_of(sources, has_keys)) {
    return agents;
  }
  KTL_ASSIGN(agents.folder_, SpoolFolder::make(runtime / "ssh", std::to_string(::getpid())));
  for (SshSource& source : agents.sources_) {
    KTL_TRY(has_keys(source) ? agents.add(source) : Status());
  }
  return agents;
}

KeyAgents::Agent::~Agent() {
  if (process.valid()) {
    ::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
  }
}

Status KeyAgents::add(SshSource& source) {
  const std::string socket = folder_.path() / std::to_string(agents_.size());
  Command command;
  command.argv = {"ssh-agent", "-a", socket, "/bin/sh", "-c", "echo $SSH_AGENT_PID; exec cat"};
  command.env = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  Agent agent;
  agent.line = UniqueFd(pair[0]);
  const UniqueFd other(pair[1]);
  KTL_ASSIGN(const UniqueFd nowhere, open_file("/dev/null", O_WRONLY));
  Result<Child> started = spawn_on(command, other.get(), nowhere.get(), true);
  KTL_TRY(need(started.status()));
  agent.command = *std::move(started);
  KTL_ASSIGN(agent.process, process_of(agent.line.get()));
  agents_.push_back(std::move(agent));
  for (const std::string& key : source.keys) {
    KTL_TRY(add_key(source.id, key, socket));
  }
  source.src = socket;
  return {};
}

}  // namespace ktl
