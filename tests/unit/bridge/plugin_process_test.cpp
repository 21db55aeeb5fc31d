// The program as the other side of a bridge, with the test plugins in it.
#include "core/bridge/plugin_process.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/sha256.h"
#include "core/bridge/remote_plugin.h"
#include "core/plugins/services/builder_door.h"
#include "core/plugins/services/local.h"
#include "core/plugins/services/named_files.h"
#include "core/plugins/services/secrets.h"
#include "host/rig.h"

namespace ktl::bridge {
namespace {

using ::testing::HasSubstr;

class NoPolicy final : public PolicyService {
 public:
  Status decide(std::string_view asker, const json::value&) const override {
    return {Code::kPermissionDenied, std::string(asker) + " may not"};
  }
};

class PluginProcessTest : public testing::Test {
 protected:
  PluginProcessTest() {
    host_->publish = listener_.publish();
    host_->folders = {folder_ / "state", folder_ / "cache", folder_ / "run"};
  }

  void start(int64_t memory = 0) {
    auto process = PluginProcess::start({.name = "the worker",
                                         .program = std::string(KTL_BINARY_DIR) + "/bin/ktl",
                                         .environment = {"PATH=/usr/bin"}});
    ASSERT_TRUE(process.ok()) << process.status().to_string();
    process_ = *std::move(process);
    ASSERT_TRUE(process_->greet({.host = host_, .environment = {}, .memory = memory}).ok());
  }

  std::unique_ptr<RemotePlugin> load(const std::string& name, const std::string& config = "{}",
                                     bool alone = false) {
    PluginIndex index;
    PluginFile file = plugin_at(test_plugin(name), "test", index);
    EXPECT_TRUE(file.fault.ok()) << file.fault.to_string();
    PluginOrder order{file.manifest, file.path, "", std::move(file.fd), config};
    order.sha256 = std::string(64, '0');
    auto plugin = RemotePlugin::load(*process_, order, alone);
    EXPECT_TRUE(plugin.ok()) << plugin.status().to_string();
    return plugin.ok() ? *std::move(plugin) : nullptr;
  }

  std::string ask(RemotePlugin& plugin, const std::vector<std::string>& words) {
    json::object command{{"name", "services"}, {"args", json::value_from(words)}};
    auto said = plugin.invoke(verbs::kRun, command, {});
    return said.ok() ? std::string(text_of(*said, "stdout")) : said.status().message();
  }

  std::shared_ptr<Host> host_ = std::make_shared<Host>();
  TempFolder folder_;
  ktl::Listener listener_;
  std::unique_ptr<PluginProcess> process_;
};

TEST_F(PluginProcessTest, APluginIsCalledThere) {
  start();
  auto plugin = load("block-scan", R"({"severity":"info","message":"m"})");
  ASSERT_TRUE(plugin->ready({}).ok());
  auto findings = plugin->invoke(verbs::kScan, json::object{}, {});
  ASSERT_TRUE(findings.ok()) << findings.status().to_string();
  EXPECT_TRUE(findings->is_object());
  EXPECT_EQ(plugin->invoke(verbs::kRun, json::object{}, {}).status().code(), Code::kUnimplemented);
}

TEST_F(PluginProcessTest, ItsFailuresArriveAsTheyWere) {
  start();
  auto plugin = load("throws");
  Status failure = plugin->invoke(verbs::kRun, json::object{}, {}).status();
  EXPECT_THAT(failure.message(), HasSubstr("plugin test.throws: standard trouble"));
}

TEST_F(PluginProcessTest, HostServicesAreAnsweredHere) {
  auto store = oci::Store::open(folder_ / "store", oci::Durability::kFast);
  host_->content = std::make_shared<const StoreContent>(*std::move(store));
  folder_.write("token", "from a file");
  host_->secrets = std::make_shared<const Secrets>(
      std::vector<SecretSource>{{"file", (folder_ / "token").native(), ""}},
      std::vector<SshSource>{});
  host_->auth = std::make_shared<const FixedAuth>();
  folder_.write("named", "alone");
  host_->files =
      std::make_shared<const NamedFiles>(std::vector<std::filesystem::path>{folder_ / "named"});
  host_->policy = std::make_shared<const NoPolicy>();
  write_docker(folder_);
  const PathWith path(folder_.path());
  host_->builders = std::make_shared<const BuilderDoor>(
      std::vector<std::string>{"docker-container://box"}, [](const char*) { return ""; });
  host_->terminal = std::make_shared<FixedTerminal>();
  start();
  auto plugin = load("services");
  EXPECT_EQ(ask(*plugin, {"content", "bytes", digest_of("bytes")}),
            "bytes in " + (folder_ / "store").native());
  EXPECT_EQ(ask(*plugin, {"content", "bytes", digest_of("others")}), "code 15");
  EXPECT_EQ(ask(*plugin, {"secret", "file"}), "from a file");
  EXPECT_EQ(ask(*plugin, {"secret", "other"}), "code 5 size 64");
  EXPECT_EQ(ask(*plugin, {"auth", "127.0.0.1:5000"}), "user pass");
  EXPECT_EQ(ask(*plugin, {"auth", "ghcr.io"}), "code 5");
  EXPECT_EQ(ask(*plugin, {"token", "127.0.0.1:5000", "a:b:pull"}), "for a:b:pull 300");
  EXPECT_EQ(ask(*plugin, {"token", "ghcr.io", "a:b:pull"}), "code 5");
  EXPECT_EQ(ask(*plugin, {"files", (folder_ / "named").native()}), "alone");
  EXPECT_EQ(ask(*plugin, {"files", (folder_ / "token").native()}), "none");
  EXPECT_EQ(ask(*plugin, {"files", (folder_ / "named").native(), "new"}), "code 0");
  EXPECT_EQ(ask(*plugin, {"policy", "build"}), "code 0 allow 0 test.services may not");
  EXPECT_EQ(ask(*plugin, {"agent", "default"}), "none");
  EXPECT_EQ(ask(*plugin, {"builder", "docker-container://box", "0"}),
            "exec -i box buildctl dial-stdio: hello. ended 4");
  EXPECT_EQ(ask(*plugin, {"builder", "docker-container://box", "-1"}), "code 3");
  EXPECT_EQ(ask(*plugin, {"builder", "docker-container://other", "0"}), "code 7");
  EXPECT_EQ(ask(*plugin, {"terminal", "hello"}), "hello 4 30x100");
  EXPECT_EQ(ask(*plugin, {"folders"}), (folder_ / "state/plugins/test.services").native() + " " +
                                           (folder_ / "cache/plugins/test.services").native() +
                                           " " + (folder_ / "run/test.services").native());
}

TEST_F(PluginProcessTest, WhatIsNotOfferedIsNotThere) {
  start();
  auto plugin = load("services");
  EXPECT_THAT(ask(*plugin, {"secret", "file"}), HasSubstr("does not offer ktl.host.secret/1"));
  EXPECT_THAT(ask(*plugin, {"auth", "x"}), HasSubstr("does not offer ktl.host.auth/1"));
}

TEST_F(PluginProcessTest, AHungPluginIsNamedAndItsProcessKilled) {
  start();
  auto plugin = load("hangs", R"({"obey":false})", true);
  CallContext context{.deadline_ns = in_ms(300), .cancel = nullptr, .grace_ns = 100'000'000};
  Status status = plugin->invoke(verbs::kScan, json::object{}, context).status();
  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_THAT(status.message(),
              HasSubstr("plugin test.hangs did not return from ktl.scan/1 scan within 100 ms"));
  EXPECT_FALSE(plugin->invoke(verbs::kScan, json::object{}, {}).ok());
  const pid_t pid = process_->pid();
  process_.reset();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(PluginProcessTest, CancellingReachesIt) {
  start();
  auto plugin = load("hangs", R"({"obey":true})");
  ASSERT_TRUE(plugin->ready({}).ok());
  CancelToken token;
  token.cancel();
  Status status = plugin->invoke(verbs::kScan, json::object{}, {.cancel = &token}).status();
  EXPECT_EQ(status.code(), Code::kCancelled);
  EXPECT_THAT(status.message(), HasSubstr("told to stop"));
}

TEST_F(PluginProcessTest, ItsDeathHasANameAndACause) {
  start();
  auto plugin = load("hangs", R"({"obey":false})");
  ASSERT_TRUE(plugin->ready({}).ok());
  const pid_t pid = process_->pid();
  std::thread killer([pid] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::kill(pid, SIGKILL);
  });
  Status status = plugin->invoke(verbs::kScan, json::object{}, {}).status();
  killer.join();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_EQ(status.message(),
            "the worker was killed by signal 9 (SIGKILL) in ktl.scan/1 scan of "
            "plugin test.hangs");
  EXPECT_EQ(plugin->invoke(verbs::kScan, json::object{}, {}).status().code(), Code::kInternal);
}

TEST_F(PluginProcessTest, ItEndsWhenItIsDismissed) {
  start();
  auto plugin = load("block-scan", R"({"severity":"info","message":"m"})");
  ASSERT_TRUE(plugin->ready({}).ok());
  const pid_t pid = process_->pid();
  const int64_t begun = system_clock().monotonic_ns();
  process_->dismiss();
  plugin.reset();
  process_.reset();
  EXPECT_LT(system_clock().monotonic_ns() - begun, 4'000'000'000);
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(PluginProcessTest, StartedByHandItSaysSo) {
  auto output = system_processes().run({.argv = {KTL_BINARY_DIR "/bin/ktl", "--bridge"}});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->exit_code, 2);
  EXPECT_THAT(output->err, HasSubstr("it is no command"));
}

}  // namespace
}  // namespace ktl::bridge
