// Calls one host service for each command and says what came back, as plain words in "stdout".
#include <ktl/plugin.hpp>

#include <poll.h>
#include <unistd.h>

#include <vector>

namespace {

// The strings of a flat JSON array without escapes.
std::vector<std::string> words(std::string_view document) {
  auto args = document.substr(document.find("\"args\""));
  args = args.substr(args.find('['));
  std::vector<std::string> found;
  for (auto at = args.find('"'); at != std::string_view::npos; at = args.find('"', at + 1)) {
    auto end = args.find('"', at + 1);
    found.emplace_back(args.substr(at + 1, end - at - 1));
    at = end;
  }
  return found;
}

class Services : public ktl::Runner {
 public:
  Services(ktl::Call&, std::string_view) {}

  std::string run(ktl::Call& call, std::string_view command) override {
    auto args = words(command);
    args.resize(3);
    std::string said = args[0] == "content"    ? content(call, args[1], args[2])
                       : args[0] == "secret"   ? secret(call, args[1])
                       : args[0] == "auth"     ? auth(call, args[1])
                       : args[0] == "token"    ? token(call, args[1], args[2])
                       : args[0] == "policy"   ? policy(call, args[1])
                       : args[0] == "agent"    ? agent(call, args[1])
                       : args[0] == "folders"  ? folders(call)
                       : args[0] == "files"    ? files(call, args[1], args[2])
                       : args[0] == "process"  ? process(call, args[1], args[2])
                       : args[0] == "builder"  ? builder(call, args[1], args[2])
                       : args[0] == "terminal" ? terminal(call, args[1])
                       : args[0] == "redact"   ? redact(call, args[1])
                                               : "";
    return R"({"exit":0,"stdout":")" + said + "\"}";
  }

 private:
  // Writes `bytes` as a blob called `digest`, reads it back.
  static std::string content(ktl::Call& call, const std::string& bytes, const std::string& digest) {
    const auto& content = call.content();
    int fd = content.create(call.raw());
    if (fd < 0 || write(fd, bytes.data(), bytes.size()) < 0) {
      throw ktl::Error(KTL_INTERNAL, "cannot write");
    }
    ktl_status code = content.commit(call.raw(), fd, ktl::str(digest));
    close(fd);
    if (code != KTL_OK) {
      return "code " + std::to_string(code);
    }
    std::string back(static_cast<size_t>(content.size(call.raw(), ktl::str(digest))), ' ');
    int blob = content.open(call.raw(), ktl::str(digest));
    ssize_t got = read(blob, back.data(), back.size());
    close(blob);
    return back.substr(0, static_cast<size_t>(got)) + " in " + call.path(content.folder);
  }

  static std::string secret(ktl::Call& call, const std::string& id) {
    const auto& secrets = call.service<ktl_host_secret_v1>(KTL_HOST_SECRET_ID);
    std::string value(64, ' ');
    size_t size = value.size();
    ktl_status code = secrets.secret(call.raw(), ktl::str(id), value.data(), &size);
    return code == KTL_OK ? value.substr(0, size)
                          : "code " + std::to_string(code) + " size " + std::to_string(size);
  }

  static std::string auth(ktl::Call& call, const std::string& registry) {
    const auto& auth = call.service<ktl_host_auth_v1>(KTL_HOST_AUTH_ID);
    std::array<char, 64> user{};
    std::array<char, 64> secret{};
    size_t user_size = user.size();
    size_t secret_size = secret.size();
    ktl_status code = auth.credentials(call.raw(), ktl::str(registry), user.data(), &user_size,
                                       secret.data(), &secret_size);
    return code == KTL_OK
               ? std::string(user.data(), user_size) + " " + std::string(secret.data(), secret_size)
               : "code " + std::to_string(code);
  }

  static std::string token(ktl::Call& call, const std::string& registry,
                           const std::string& scopes) {
    const auto& auth = call.service<ktl_host_auth_v1>(KTL_HOST_AUTH_ID);
    std::array<char, 64> value{};
    size_t size = value.size();
    int64_t seconds = 0;
    ktl_status code =
        auth.token(call.raw(), ktl::str(registry), ktl::str(scopes), value.data(), &size, &seconds);
    return code == KTL_OK ? std::string(value.data(), size) + " " + std::to_string(seconds)
                          : "code " + std::to_string(code);
  }

  // May it fetch something in that build?
  static std::string policy(ktl::Call& call, const std::string& build) {
    const auto& policies = call.service<ktl_host_policy_v1>(KTL_HOST_POLICY_ID);
    std::string question = R"({"schema":"ktl.question/1","kind":"source","build":")" + build +
                           R"(","source":{"ref":"r"}})";
    int32_t allow = -1;
    std::string reason(64, '\0');
    size_t size = reason.size();
    ktl_status code = policies.decide(call.raw(), ktl::str(question), &allow, reason.data(), &size);
    reason.resize(size);
    return "code " + std::to_string(code) + " allow " + std::to_string(allow) +
           (reason.empty() ? "" : " " + reason);
  }

  static std::string agent(ktl::Call& call, const std::string& id) {
    const auto& secrets = call.service<ktl_host_secret_v1>(KTL_HOST_SECRET_ID);
    int fd = secrets.ssh_agent(call.raw(), ktl::str(id));
    if (fd < 0) {
      return "none";
    }
    std::array<char, 8> hello{};
    ssize_t got = read(fd, hello.data(), hello.size());
    close(fd);
    return {hello.data(), static_cast<size_t>(got < 0 ? 0 : got)};
  }

  // Reads `path`, or replaces it when there is something to write.
  static std::string files(ktl::Call& call, const std::string& path, const std::string& bytes) {
    const auto& files = call.service<ktl_host_files_v1>(KTL_HOST_FILES_ID);
    if (!bytes.empty()) {
      return "code " + std::to_string(files.replace(call.raw(), ktl::str(path), ktl::str(bytes)));
    }
    int fd = files.open(call.raw(), ktl::str(path));
    std::array<char, 64> read_bytes{};
    ssize_t got = fd < 0 ? -1 : read(fd, read_bytes.data(), read_bytes.size());
    close(fd);
    return got < 0 ? "none" : std::string(read_bytes.data(), static_cast<size_t>(got));
  }

  // Runs a shell's words with that many milliseconds; what it printed and how it ended.
  static std::string process(ktl::Call& call, const std::string& words, const std::string& time) {
    const auto& processes = call.service<ktl_host_process_v1>(KTL_HOST_PROCESS_ID);
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
      throw ktl::Error(KTL_INTERNAL, "no pipe");
    }
    std::string command = R"({"argv":["/bin/sh","-c",")" + words +
                          R"("],"env":{"GREETING":"hello"},"timeout_ms":)" + time + "}";
    int32_t exit = -1;
    ktl_status code = processes.run(call.raw(), ktl::str(command), ends[1], &exit);
    close(ends[1]);
    std::array<char, 64> printed{};
    ssize_t got = read(ends[0], printed.data(), printed.size());
    close(ends[0]);
    return "code " + std::to_string(code) + " exit " + std::to_string(exit) + " " +
           std::string(printed.data(), static_cast<size_t>(got < 0 ? 0 : got));
  }

  // Says a line to the program that leads to a builder, and what it answers, or how that failed.
  static std::string builder(ktl::Call& call, const std::string& address, const std::string& node) {
    const auto& builders = call.service<ktl_host_builder_v1>(KTL_HOST_BUILDER_ID);
    int32_t stream = -1;
    int32_t errors = -1;
    int32_t process = -1;
    ktl_status code =
        builders.open(call.raw(), ktl::str(address), std::stoi(node), &stream, &errors, &process);
    if (code != KTL_OK) {
      return "code " + std::to_string(code);
    }
    std::array<char, 256> answer{};
    ssize_t got = write(stream, "hello\n", 6);
    got = read(stream, answer.data(), answer.size());
    close(stream);
    pollfd end{process, POLLIN, 0};
    const int ended = poll(&end, 1, 10'000);
    close(process);
    const auto said = lseek(errors, 0, SEEK_CUR);
    close(errors);
    return std::string(answer.data(), static_cast<size_t>(got < 0 ? 0 : got)) +
           (ended == 1 ? "ended " : "runs ") + std::to_string(said);
  }

  // What is typed on the terminal, and its size.
  static std::string terminal(ktl::Call& call, const std::string& notice) {
    const auto& terminals = call.service<ktl_host_terminal_v1>(KTL_HOST_TERMINAL_ID);
    int32_t stream = -1;
    int32_t sizes = -1;
    const ktl_status code = terminals.lend(call.raw(), ktl::str(notice), &stream, &sizes);
    if (code != KTL_OK) {
      return "code " + std::to_string(code);
    }
    std::array<char, 64> typed{};
    std::array<uint16_t, 2> size{};
    const ssize_t got = read(stream, typed.data(), typed.size());
    const ssize_t told = read(sizes, size.data(), sizeof(size));
    close(stream);
    close(sizes);
    return std::string(typed.data(), static_cast<size_t>(got < 0 ? 0 : got)) + " " +
           std::to_string(told) + " " + std::to_string(size[0]) + "x" + std::to_string(size[1]);
  }

  static std::string redact(ktl::Call& call, const std::string& value) {
    const auto& redact = call.service<ktl_host_redact_v1>(KTL_HOST_REDACT_ID);
    return "code " + std::to_string(redact.add(call.raw(), ktl::str(value)));
  }

  static std::string folders(ktl::Call& call) {
    const auto& state = call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID);
    return call.path(state.state) + " " + call.path(state.cache) + " " + call.path(state.runtime);
  }
};

}  // namespace

KTL_PLUGIN(Services)
