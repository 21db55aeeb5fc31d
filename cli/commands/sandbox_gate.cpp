#include "cli/commands/sandbox_gate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "base/process.h"
#include "cli/commands/stand_ins.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kStartMs = 60'000;
constexpr int64_t kBuildMs = 60'000;
// This machine's loopback by a name of which Go does not know it: what it takes for local it asks
// no proxy for.
constexpr const char* kHost = "127.1";

std::string target_of(const StandIns& hosts, size_t which) {
  return fmt::format("{}:{}", kHost, hosts.port(which));
}

std::string last_line(std::string text) {
  text.resize(text.find_last_not_of('\n') + 1);
  return text.substr(text.rfind('\n') + 1);
}

// A user of this program with nothing but what is in `folder`: no ktl.yaml, no proxy, no other
// builder's cache.
class Visitor {
 public:
  Visitor(fs::path folder, const Environment& environment) : folder_(std::move(folder)) {
    env_ = {"HOME=" + folder_.native(), "KTL_SANDBOX_DISABLE=1"};
    for (const auto& [name, place] : {std::pair{"XDG_STATE_HOME", "s"},
                                      {"XDG_CACHE_HOME", "h"},
                                      {"XDG_CONFIG_HOME", "f"},
                                      {"XDG_RUNTIME_DIR", "r"}}) {
      env_.push_back(fmt::format("{}={}", name, (folder_ / place).native()));
    }
    for (const char* name : {"PATH", "LANG", "TMPDIR", "KTL_BUILDKITD", "KTL_NSJAIL"}) {
      if (const std::string* value = environment.get(name); value != nullptr) {
        env_.push_back(fmt::format("{}={}", name, *value));
      }
    }
  }

  [[nodiscard]] Result<Output> run(std::vector<std::string> words, int64_t timeout_ms) const {
    ktl::Command command;
    command.argv = std::move(words);
    command.argv.insert(command.argv.begin(), fs::read_symlink("/proc/self/exe").native());
    command.env = env_;
    command.directory = folder_;
    command.timeout_ms = timeout_ms;
    return system_processes().run(command);
  }

 private:
  fs::path folder_;
  std::vector<std::string> env_;
};

GateTry fetch(const Visitor& visitor, const fs::path& folder, const std::string& builder,
              const StandIns& hosts, size_t which) {
  const fs::path context = folder / std::to_string(which);
  GateTry result;
  const std::string text =
      fmt::format("FROM scratch\nADD http://{}/it /it\n", target_of(hosts, which));
  if (const Status made = write_file_atomic(context / "Dockerfile", text); !made.ok()) {
    result.said = made.message();
    return result;
  }
  auto built = visitor.run({"build", context.native(), "--builder", builder, "--progress", "plain"},
                           kBuildMs);
  result.exit = built.ok() ? built->exit_code : -1;
  result.said = built.ok() ? last_line(built->err) : built.status().message();
  result.asked = hosts.asked(which);
  return result;
}

GateTrial try_gate(const Visitor& visitor, const fs::path& folder, const StandIns& hosts) {
  const std::vector<std::string> which = {"--network", "allow:" + target_of(hosts, 0)};
  const auto builder = [&](const char* word) {
    return std::vector<std::string>{"builder", word, which[0], which[1]};
  };
  GateTrial trial;
  auto started = visitor.run(builder("start"), kStartMs);
  if (!started.ok() || started->exit_code != 0) {
    const std::string why = started.ok() ? started->err : started.status().message();
    trial.missing = why.substr(0, why.find('\n'));
    return trial;
  }
  const std::string address = last_line(started->out);
  const size_t at = address.find("unix://");
  if (at == std::string::npos) {
    trial.missing = "it does not say where it is: " + address;
    return trial;
  }
  trial.listed = fetch(visitor, folder, address.substr(at), hosts, 0);
  trial.unlisted = fetch(visitor, folder, address.substr(at), hosts, 1);
  auto stop = builder("stop");
  stop.emplace_back("--force");
  static_cast<void>(visitor.run(stop, kStartMs));
  return trial;
}

}  // namespace

SandboxProbe judge_gate(const GateTrial& trial) {
  if (!trial.missing.empty()) {
    return {"gate", "SKIP", "no builder with an allowlist can be had: " + trial.missing, ""};
  }
  if (trial.unlisted.exit == 0 || trial.unlisted.asked > 0) {
    return {
        "gate", "FAIL", "a host that is not on the list was reached",
        "do not build with --allow-network=HOST here; reinstall ktl and its nsjail, and look for "
        "a KTL_NSJAIL or KTL_BUILDKITD that names another program"};
  }
  if (trial.listed.exit != 0 || trial.listed.asked == 0) {
    return {"gate", "FAIL", "a host of the list was not reached: " + trial.listed.said,
            "a firewall of this machine must let its own users connect to 127.0.0.1; "
            "`ktl builder start --network allow:HOST` and its log say more"};
  }
  return {"gate", "PASS", "a host of the list was reached, one beside it refused", ""};
}

SandboxProbe probe_gate(const Environment& environment) {
  std::error_code error;
  std::string folder = fs::temp_directory_path(error) / "ktl-XXXXXX";
  if (error || ::mkdtemp(folder.data()) == nullptr) {
    return {"gate", "SKIP", "there is no folder for temporary files", ""};
  }
  StandIns hosts;
  GateTrial trial;
  if (const Status up = hosts.start(); up.ok()) {
    trial = try_gate(Visitor(folder, environment), folder, hosts);
  } else {
    trial.missing = up.message();
  }
  fs::remove_all(folder, error);
  return judge_gate(trial);
}

}  // namespace ktl::cli
