// A plugin in a process of its own.
#include "core/bridge/isolated_plugin.h"

#include <gmock/gmock.h>
#include <signal.h>

#include "core/bridge/environment.h"
#include "core/plugins/services/builder_door.h"
#include "core/plugins/services/secrets.h"
#include "host/rig.h"

namespace ktl::bridge {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class IsolatedPluginTest : public testing::Test {
 protected:
  IsolatedPluginTest() {
    host_.publish = listener_.publish();
    host_.folders = {folder_ / "state", folder_ / "cache", folder_ / "run"};
  }

  std::unique_ptr<IsolatedPlugin> start(const std::string& name, const std::string& config = "{}") {
    PluginIndex index;
    PluginFile file = plugin_at(test_plugin(name), "test", index);
    EXPECT_TRUE(file.fault.ok()) << file.fault.to_string();
    PluginOrder order{file.manifest, file.path, std::string(64, '0'), std::move(file.fd), config};
    auto plugin =
        IsolatedPlugin::start(std::move(order), host_, std::string(KTL_BINARY_DIR) + "/bin/ktl");
    EXPECT_TRUE(plugin.ok()) << plugin.status().to_string();
    return plugin.ok() ? *std::move(plugin) : nullptr;
  }

  Host host_;
  TempFolder folder_;
  ktl::Listener listener_;
};

TEST_F(IsolatedPluginTest, ItsDeathIsToldUnderItsName) {
  auto plugin = start("hangs", R"({"obey":false})");
  ASSERT_TRUE(plugin->ready({}).ok());
  ::kill(plugin->pid(), SIGKILL);
  Status status = plugin->invoke(verbs::kScan, json::object{}, {}).status();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_THAT(status.message(), HasSubstr("plugin test.hangs was killed by signal 9 (SIGKILL)"));
}

TEST_F(IsolatedPluginTest, ItIsOfferedNoCredentialsAndNoSecrets) {
  host_.secrets = std::make_shared<const Secrets>(std::vector<SecretSource>{{"id", "", "PATH"}},
                                                  std::vector<SshSource>{});
  auto plugin = start("services");
  json::object command{{"name", "services"}, {"args", {"secret", "id"}}};
  EXPECT_THAT(plugin->invoke(verbs::kRun, command, {}).status().message(),
              HasSubstr("does not offer ktl.host.secret/1"));
}

TEST_F(IsolatedPluginTest, ItOpensNoBuilders) {
  host_.builders =
      std::make_shared<const BuilderDoor>(std::nullopt, [](const char*) { return ""; });
  auto plugin = start("services");
  json::object command{{"name", "services"}, {"args", {"builder", "docker-container://box", "0"}}};
  EXPECT_THAT(plugin->invoke(verbs::kRun, command, {}).status().message(),
              HasSubstr("does not offer ktl.host.builder/1"));
}

TEST_F(IsolatedPluginTest, ItGetsNoTerminal) {
  host_.terminal = std::make_shared<FixedTerminal>();
  auto plugin = start("services");
  json::object command{{"name", "services"}, {"args", {"terminal", "hello"}}};
  EXPECT_THAT(plugin->invoke(verbs::kRun, command, {}).status().message(),
              HasSubstr("does not offer ktl.host.terminal/1"));
}

TEST_F(IsolatedPluginTest, ItsProcessIsReaped) {
  auto plugin = start("block-scan", R"({"severity":"info","message":"m"})");
  const pid_t pid = plugin->pid();
  plugin.reset();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(ChildEnvironmentTest, HasNoCredential) {
  for (const char* name : {"SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "KTL_BUILD_ARG", "GH_TOKEN"}) {
    ::setenv(name, "hunter2", 1);
  }
  ::setenv("DOCKER_CONFIG", "/docker-config", 1);
  ::setenv("HTTPS_PROXY", "http://u:hunter2@proxy", 1);
  ::setenv("https_proxy", "http://proxy", 1);
  const auto worker = worker_environment();
  const auto isolated = isolated_environment();
  EXPECT_THAT(worker, Not(Contains(HasSubstr("hunter2"))));
  EXPECT_THAT(isolated, Not(Contains(HasSubstr("hunter2"))));
  EXPECT_THAT(worker, Contains("DOCKER_CONFIG=/docker-config"));
  EXPECT_THAT(isolated, Not(Contains(HasSubstr("/docker-config"))));
  EXPECT_THAT(worker, Contains("https_proxy=http://proxy"));
  EXPECT_THAT(isolated, Not(Contains(HasSubstr("://proxy"))));
  EXPECT_THAT(isolated, Contains(HasSubstr("PATH=")));
}

}  // namespace
}  // namespace ktl::bridge
