// Runs a command behind a real fence, as ktl would: the plugin is asked, and what it answers is
// executed with its descriptors and nothing else.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <ktl/iface/sandbox.h>
#include <ktl/testing/fake_host.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/json.h"

namespace ktl::jail {

struct Ran {
  int code = -1;  // 128 + signal when a signal ended it; 250: the plugin failed, see err
  std::string out;
  std::string err;
  std::string log;
};

// One command; its parts become wrap-1.
struct Behind {
  const ktl_plugin_draft& plugin;
  json::object fence;
  std::vector<std::string> argv;
  std::map<std::string, std::string> env = {};
  std::map<int, int> keep = {};  // the command's number -> a descriptor of the test
  uid_t uid = 0;                 // whom it runs as
  bool wait = true;              // false: `pid` is left running
  pid_t pid = 0;

  Ran run();

 private:
  static int memory(const std::string& text, bool seal) {
    const int fd = ::memfd_create("ktl", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    [[maybe_unused]] auto size = ::write(fd, text.data(), text.size());
    ::lseek(fd, 0, SEEK_SET);
    if (seal) {
      ::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    }
    return fd;
  }
  static std::string content(int fd) {
    std::string text(static_cast<size_t>(::lseek(fd, 0, SEEK_END)), '\0');
    [[maybe_unused]] auto size = ::pread(fd, text.data(), text.size(), 0);
    ::close(fd);
    return text;
  }
  [[noreturn]] void child(int out, int err, int log);
};

inline void Behind::child(int out, int err, int log) {
  constexpr int kHigh = 300;
  constexpr int kLog = 30;
  ::dup2(out, 1);
  ::dup2(err, 2);
  std::map<int, int> places{{kLog, ::fcntl(log, F_DUPFD_CLOEXEC, kHigh)}};
  json::array numbers;
  for (const auto& [number, fd] : keep) {
    places[number] = ::fcntl(fd, F_DUPFD_CLOEXEC, kHigh);
    numbers.emplace_back(number);
  }
  if (uid != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 || ::setuid(uid) != 0)) {
    ::_exit(251);
  }
  json::object env_document;
  for (const auto& [name, value] : env) {
    env_document[name] = value;
  }
  const json::object wrap{
      {"schema", "ktl.wrap/1"}, {"fence", fence},      {"argv", json::value_from(argv)},
      {"env", env_document},    {"keep_fds", numbers}, {"log_fd", kLog}};
  testing::FakeHost host(plugin);
  if (host.create("{}") != KTL_OK ||
      host.call(KTL_SANDBOX_ID, &ktl_sandbox_v1::wrap, json::serialize(wrap)) != KTL_OK) {
    ::dprintf(2, "%s (%s)\n", host.message().c_str(), host.next().c_str());
    ::_exit(250);
  }
  const json::object wrapped = json::parse(host.result()).as_object();
  for (const auto& file : wrapped.at("files").as_array()) {
    const std::string bytes = *base64_decode(text_of(file, "base64"));
    const int fd = memory(bytes.empty() ? std::string(text_of(file, "text")) : bytes, true);
    places[static_cast<int>(int_of(file, "fd"))] = ::fcntl(fd, F_DUPFD_CLOEXEC, kHigh);
  }
  for (int fd = 3; fd < kHigh; ++fd) {
    ::close(fd);
  }
  for (const auto& [number, fd] : places) {
    ::dup2(fd, number);
  }
  std::vector<std::string> words = texts_of(wrapped, "argv");
  std::vector<std::string> variables;
  for (const auto& variable : wrapped.at("env").as_object()) {
    variables.push_back(std::string(variable.key()) + "=" +
                        std::string(text_of(wrapped.at("env"), variable.key())));
  }
  std::vector<char*> args;
  std::vector<char*> envp;
  for (auto& word : words) {
    args.push_back(word.data());
  }
  for (auto& variable : variables) {
    envp.push_back(variable.data());
  }
  args.push_back(nullptr);
  envp.push_back(nullptr);
  ::execve(args[0], args.data(), envp.data());
  ::_exit(252);
}

inline Ran Behind::run() {
  const int out = memory("", false);
  const int err = memory("", false);
  const int log = memory("", false);
  pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    child(out, err, log);
  }
  Ran ran;
  if (!wait) {
    ::close(out);
    ::close(err);
    ::close(log);
    return ran;
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.out = content(out);
  ran.err = content(err);
  ran.log = content(log);
  return ran;
}

// fence-1 with busybox inside: `sh` commands work, nothing else is there.
inline json::object a_fence(const std::string& profile, const std::string& context,
                            const json::array& binds = {}) {
  json::array all{{{"src", "/bin/busybox"}, {"dst", "/b/sh"}, {"mode", "ro"}}};
  all.insert(all.end(), binds.begin(), binds.end());
  return {{"schema", "ktl.fence/1"}, {"profile", profile},  {"runtime", ""}, {"context", context},
          {"workdir", "/workspace"}, {"network", "policy"}, {"binds", all}};
}

inline std::vector<std::string> shell(const std::string& script) { return {"/b/sh", "-c", script}; }

}  // namespace ktl::jail
