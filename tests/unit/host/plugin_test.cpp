#include "core/plugins/plugin.h"

#include <thread>

#include "base/cancel.h"
#include "core/plugins/crash.h"
#include "host/rig.h"

namespace ktl {
namespace {

class PluginTest : public testing::Test {
 protected:
  std::unique_ptr<Plugin> create(const std::string& name, std::string_view config = "{}") {
    auto plugin = load_test_plugin(name, host());
    auto status = plugin->create(json_of(config), CallContext());
    EXPECT_TRUE(status.ok()) << status.to_string();
    return plugin;
  }
  std::shared_ptr<Host> host() {
    auto host = std::make_shared<Host>();
    host->publish = listener_.publish();
    return host;
  }
  // What happens when the rude plugin is told `how`.
  Status rude(const std::string& how) {
    auto plugin = create("rude");
    json::object command{{"name", how}, {"args", json::array()}};
    return plugin->invoke(verbs::kRun, command, CallContext()).status();
  }

  Listener listener_;
};

TEST_F(PluginTest, RunsAVerbAndHearsThePlugin) {
  auto plugin = create("block-scan", R"({"severity":"warn"})");
  auto findings = plugin->invoke(verbs::kScan, json::object(), CallContext());
  ASSERT_TRUE(findings.ok()) << findings.status().to_string();
  const auto& finding = field_of(*findings, "findings")->get_array().at(0);
  EXPECT_EQ(text_of(finding, "severity"), "warn");
  EXPECT_EQ(text_of(finding, "message"), "found by test.block-scan");  // the schema's default
  ASSERT_EQ(listener_.heard.size(), 3U);
  EXPECT_EQ(listener_.heard[0].substr(0, 61),
            R"(message/1 {"level":"debug","plugin":"test.block-scan","text":)");
  EXPECT_EQ(listener_.heard[1].substr(0, 10), "finding/1 ");
  EXPECT_EQ(listener_.heard[2],
            R"(message/1 {"level":"info","plugin":"test.block-scan","text":"read 2 bytes"})");
}

TEST_F(PluginTest, JudgesConfigBeforeThePluginSeesIt) {
  auto plugin = load_test_plugin("block-scan", host());
  auto status =
      plugin->create(json_of(R"({"severty":"warn"})"), CallContext(),
                     [](std::string_view path) { return "ktl.yaml:9:3" + std::string(path); });
  EXPECT_EQ(status.to_string(),
            "ktl.yaml:9:3/severty: configuration of test.block-scan/severty: unknown key "
            "\"severty\"\n  did you mean \"severity\"?");
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_EQ(plugin->invoke(verbs::kScan, json::object(), CallContext()).status().code(),
            Code::kFailedPrecondition);
}

TEST_F(PluginTest, CarriesAFailureWithItsCodeAndAdvice) {
  auto status = create("fail-scan")->invoke(verbs::kScan, json::object(), CallContext()).status();
  EXPECT_EQ(status.code(), Code::kDataLoss);
  EXPECT_EQ(status.message(), "plugin test.fail-scan: the rules cannot be read");
  EXPECT_EQ(status.next(), "put the rules back");
}

TEST_F(PluginTest, TurnsExceptionsIntoFailures) {
  auto plugin = create("throws");
  EXPECT_EQ(
      plugin->invoke(verbs::kRun, json_of(R"({"name":"x"})"), CallContext()).status().message(),
      "plugin test.throws: standard trouble");
  EXPECT_EQ(
      plugin->invoke(verbs::kRun, json_of(R"({"name":"number"})"), CallContext()).status().code(),
      Code::kUnknown);
}

TEST_F(PluginTest, NamesWhoBrokeTheContractAndHow) {
  const std::string before = "plugin test.rude broke the plugin contract in ktl.command/1 run: ";
  EXPECT_TRUE(rude("well").ok());
  EXPECT_EQ(rude("silent").message(), before + "it returned ABORTED without saying why");
  EXPECT_EQ(rude("escape").message(), before + "it let an exception escape");
  EXPECT_EQ(rude("flood").message(), before + "it wrote a result of more than 64 MiB");
  EXPECT_EQ(rude("event").message(), before +
                                         "it sent an event \"no version\" that is none: its "
                                         "body must be a JSON object and its type NAME/VERSION");
  EXPECT_EQ(rude("not-json").message(),
            before + "it wrote a result that is no JSON: not JSON at byte 1: incomplete JSON");
  EXPECT_EQ(rude("silent").code(), Code::kInternal);
}

TEST_F(PluginTest, AFailureIsNoSuccessWhateverIsReturned) {
  auto status = rude("fail-and-ok");
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(status.message(), "plugin test.rude: nothing there");
  EXPECT_EQ(rude("number").code(), Code::kUnknown);
  EXPECT_EQ(rude("number").message(), "plugin test.rude: \xEF\xBF\xBDno such code");
}

TEST_F(PluginTest, APluginMustMakeAnInstance) {
  auto plugin = load_test_plugin("rude", host());
  EXPECT_EQ(plugin->create(json_of(R"({"nothing":true})"), CallContext()).message(),
            "plugin test.rude broke the plugin contract in create: it made no instance");
}

TEST_F(PluginTest, ASecretsValueIsBytesAndNoDocument) {
  auto plugin = create("isolate-not");
  auto ask = [&](const char* reference) {
    return plugin->invoke_bytes(
        verbs::kResolve,
        json::object{{"schema", "ktl.reference/1"}, {"id", "x"}, {"reference", reference}},
        CallContext());
  };
  auto value = ask("vault:x");
  ASSERT_TRUE(value.ok()) << value.status().to_string();
  EXPECT_EQ(value->view(), std::string_view("not {json \0 at all", 18));
  EXPECT_EQ(ask("none:x").status().code(), Code::kNotFound);
  EXPECT_EQ(ask("vault:much").status().message(),
            "plugin test.isolate-not broke the plugin contract in ktl.secret/1 resolve: it wrote a "
            "value of more than 500 KiB");
}

// A plugin that keeps a call for later hurts nobody: the next ones still work.
TEST_F(PluginTest, ALateCallIsNotHeard) {
  auto plugin = create("planted-late-call");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(plugin->invoke(verbs::kScan, json::object(), CallContext()).ok());
  }
  EXPECT_TRUE(listener_.heard.empty());
}

TEST_F(PluginTest, ACrashNamesThePluginAndTheVerb) {
  EXPECT_EXIT(
      {
        blame_crashes();
        static_cast<void>(
            create("planted-crash")->invoke(verbs::kScan, json::object(), CallContext()));
      },
      testing::ExitedWithCode(8), "Error: plugin test.planted-crash crashed in ktl.scan/1 scan");
}

TEST_F(PluginTest, SaysWhatItDoesNotProvide) {
  auto status = create("fail-scan")->invoke(verbs::kCommit, json::object(), CallContext()).status();
  EXPECT_EQ(status.code(), Code::kUnimplemented);
  EXPECT_EQ(status.message(), "plugin test.fail-scan does not provide ktl.export/1 commit");
}

TEST_F(PluginTest, APluginThatIgnoresItsDeadlineIsNamedAndGivenUp) {
  auto plugin = create("hangs");
  CallContext context{in_ms(30), nullptr, 20'000'000};
  auto status = plugin->invoke(verbs::kScan, json::object(), context).status();
  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_EQ(status.message(),
            "plugin test.hangs did not return from ktl.scan/1 scan within 20 ms "
            "after its deadline passed");
  EXPECT_EQ(plugin->invoke(verbs::kScan, json::object(), CallContext()).status().message(),
            "plugin test.hangs did not return from an earlier call");
}

TEST_F(PluginTest, APluginThatObeysStopsAtItsDeadline) {
  auto plugin = create("hangs", R"({"obey":true})");
  CallContext context{in_ms(30)};
  auto status = plugin->invoke(verbs::kScan, json::object(), context).status();
  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "plugin test.hangs ran out of time in ktl.scan/1 scan");
}

TEST_F(PluginTest, APluginThatObeysStopsWhenTheBuildIsCancelled) {
  auto plugin = create("hangs", R"({"obey":true})");
  CancelToken cancel;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancel.cancel();
  });
  CallContext context{in_ms(60'000), &cancel};
  auto status = plugin->invoke(verbs::kScan, json::object(), context).status();
  user.join();
  EXPECT_EQ(status.code(), Code::kCancelled);
  EXPECT_EQ(status.message(), "plugin test.hangs: told to stop");
}

TEST_F(PluginTest, CallsFromManyThreadsWaitForOneAnother) {
  auto plugin = create("block-scan");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) {
        good += plugin->invoke(verbs::kScan, json::object(), CallContext()).ok() ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(good, 200);
}

}  // namespace
}  // namespace ktl
