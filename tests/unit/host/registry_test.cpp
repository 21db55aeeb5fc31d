#include "core/plugins/registry.h"

#include <algorithm>

#include "host/rig.h"

extern "C" const ktl_plugin_draft test_block_scan_entry;

namespace ktl {
namespace {

PluginWish wish(const std::string& id, std::string_view config = "{}") {
  PluginWish wish;
  wish.id = id;
  wish.config = json_of(config);
  wish.origin = "ktl.yaml:2:5";
  return wish;
}

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    folder_.copy("block-scan", "block.so");
    folder_.copy("fail-scan", "fail.so");
    folder_.copy("services", "services.so");
    setup_.folders = {{folder_.path(), "flag", false}};
  }
  static std::vector<std::string> ids(const std::vector<Plugin*>& plugins) {
    std::vector<std::string> ids;
    for (const auto* plugin : plugins) {
      ids.push_back(plugin->id());
    }
    return ids;
  }

  TempFolder folder_;
  PluginSetup setup_;
  std::shared_ptr<const Host> host_ = std::make_shared<Host>();
};

TEST_F(RegistryTest, StartsWhatIsAskedForByIdAndNothingElse) {
  setup_.wishes = {wish("test.fail-scan"), wish("test.block-scan", R"({"severity":"info"})")};
  auto registry = PluginRegistry::discover(std::move(setup_));
  ASSERT_TRUE(registry.ok()) << registry.status().to_string();
  EXPECT_EQ(registry->entries().size(), 3U);
  EXPECT_EQ(registry->used().size(), 2U);
  ASSERT_TRUE(registry->start(host_, CallContext()).ok());
  EXPECT_EQ(ids(registry->providing(KTL_SCAN_ID)),
            (std::vector<std::string>{"test.block-scan", "test.fail-scan"}));
  EXPECT_TRUE(registry->providing(KTL_COMMAND_ID).empty());
  EXPECT_EQ(registry->find("test.services"), nullptr);
  EXPECT_EQ(registry->find("test.block-scan")->sha256().size(), 64U);
}

TEST_F(RegistryTest, ADefaultFolderIsUsedUnlessSwitchedOff) {
  setup_.folders[0].enabled = true;
  PluginWish off = wish("test.fail-scan");
  off.enabled = false;
  setup_.wishes = {off};
  auto registry = PluginRegistry::discover(std::move(setup_));
  ASSERT_TRUE(registry.ok());
  ASSERT_TRUE(registry->start(host_, CallContext(), {KTL_SCAN_ID}).ok());
  EXPECT_EQ(ids(registry->started()), std::vector<std::string>{"test.block-scan"});
  ASSERT_TRUE(registry->start(host_, CallContext()).ok());
  EXPECT_EQ(ids(registry->started()),
            (std::vector<std::string>{"test.block-scan", "test.services"}));
}

TEST_F(RegistryTest, AnUnknownIdGetsASuggestion) {
  setup_.wishes = {wish("test.blok-scan")};
  auto status = PluginRegistry::discover(std::move(setup_)).status();
  EXPECT_EQ(status.to_string(),
            "ktl.yaml:2:5: no plugin has the id test.blok-scan\n"
            "  did you mean \"test.block-scan\"?");
}

TEST_F(RegistryTest, TwoOfOneIdAreNamed) {
  folder_.copy("block-scan", "again.so");
  setup_.wishes = {wish("test.block-scan")};
  auto status = PluginRegistry::discover(std::move(setup_)).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "plugin test.block-scan is in both " +
                                  (folder_ / "again.so").native() + " and " +
                                  (folder_ / "block.so").native());
}

TEST_F(RegistryTest, AFileThatIsNamedReplacesOneThatIsFound) {
  setup_.folders[0].enabled = true;
  PluginWish named = wish("test.block-scan");
  named.path = test_plugin("block-scan");
  setup_.wishes = {named};
  auto registry = PluginRegistry::discover(std::move(setup_));
  ASSERT_TRUE(registry.ok()) << registry.status().to_string();
  ASSERT_TRUE(registry->start(host_, CallContext()).ok());
  EXPECT_EQ(registry->find("test.block-scan")->path(), named.path.native());
}

TEST_F(RegistryTest, ANamedFileMustBeWhoItIsCalled) {
  PluginWish named = wish("test.block-scan");
  named.path = folder_ / "fail.so";
  setup_.wishes = {named};
  EXPECT_EQ(PluginRegistry::discover(std::move(setup_)).status().message(),
            (folder_ / "fail.so").native() + " is plugin test.fail-scan, not test.block-scan");
}

TEST_F(RegistryTest, WhatCannotBeLookedAtInTheDefaultFolderStopsTheStart) {
  folder_.copy("other-abi", "zz.so");
  setup_.folders[0].enabled = true;
  auto registry = PluginRegistry::discover(std::move(setup_));
  ASSERT_TRUE(registry.ok());
  auto status = registry->start(host_, CallContext());
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(status.where(), (folder_ / "zz.so").native());
}

TEST_F(RegistryTest, BadConfigNamesItsPlace) {
  PluginWish bad = wish("test.block-scan", R"({"severity":7})");
  bad.locate = [](std::string_view) { return std::string("ktl.yaml:4:9"); };
  setup_.wishes = {bad};
  auto registry = PluginRegistry::discover(std::move(setup_));
  ASSERT_TRUE(registry.ok());
  auto status = registry->start(host_, CallContext());
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.where(), "ktl.yaml:4:9");
}

TEST_F(RegistryTest, OnlyWhatNeedsNothingElseCanBeIsolated) {
  folder_.copy("isolate-not", "z.so");
  PluginWish isolated = wish("test.services");
  isolated.isolate = true;
  setup_.wishes = {isolated};
  EXPECT_TRUE(PluginRegistry::discover(setup_).ok());
  setup_.wishes[0].id = "test.isolate-not";
  auto refused = PluginRegistry::discover(setup_).status();
  EXPECT_EQ(refused.code(), Code::kInvalidArgument);
  EXPECT_EQ(refused.where(), "ktl.yaml:2:5");
  EXPECT_EQ(refused.message(),
            "isolate: test.isolate-not provides ktl.secret/1, which cannot be isolated");
}

TEST_F(RegistryTest, APluginStandsInForAnother) {
  folder_.copy("isolate-not", "z.so");
  setup_.folders[0].enabled = true;  // as ktl's own folder is
  auto registry = PluginRegistry::discover(setup_);
  ASSERT_TRUE(registry.ok()) << registry.status().to_string();
  ASSERT_TRUE(registry->start(host_, CallContext()).ok());
  EXPECT_EQ(registry->find("test.fail-scan"), nullptr);
  EXPECT_NE(registry->find("test.isolate-not"), nullptr);
  auto replaced =
      std::ranges::find(registry->entries(), "test.isolate-not", &PluginEntry::replaced_by);
  ASSERT_NE(replaced, registry->entries().end());
  EXPECT_EQ(replaced->manifest.id, "test.fail-scan");
}

TEST_F(RegistryTest, TheProjectFileCanSayWhomItStandsInFor) {
  setup_.folders[0].enabled = true;
  setup_.wishes = {wish("test.services")};
  setup_.wishes[0].replaces = "test.block-scan";
  auto registry = PluginRegistry::discover(setup_);
  ASSERT_TRUE(registry.ok()) << registry.status().to_string();
  EXPECT_EQ(registry->used().size(), 2U);
}

TEST_F(RegistryTest, TwoThatReplaceOneAreNamed) {
  folder_.copy("isolate-not", "z.so");
  setup_.folders[0].enabled = true;
  setup_.wishes = {wish("test.services")};
  setup_.wishes[0].replaces = "test.fail-scan";
  auto status = PluginRegistry::discover(setup_).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "test.fail-scan is replaced by both " +
                                  (folder_ / "services.so").native() + " and " +
                                  (folder_ / "z.so").native());
}

TEST_F(RegistryTest, WhatIsNamedIsNotReplacedInSilence) {
  folder_.copy("isolate-not", "z.so");
  setup_.folders[0].enabled = true;
  setup_.wishes = {wish("test.fail-scan")};
  auto status = PluginRegistry::discover(setup_).status();
  EXPECT_EQ(status.where(), "ktl.yaml:2:5");
  EXPECT_EQ(status.message(),
            "test.fail-scan is named here, and test.isolate-not, which is used too, replaces it");
}

TEST_F(RegistryTest, AnIndexIsKeptAndCanBeDoubted) {
  setup_.wishes = {wish("test.fail-scan")};
  setup_.index = folder_ / "cache/index.json";
  std::filesystem::create_directory(folder_ / "cache");
  chmod((folder_ / "cache").c_str(), 0777);
  auto registry = PluginRegistry::discover(setup_);
  ASSERT_TRUE(registry.ok());
  ASSERT_EQ(registry->warnings().size(), 1U);
  EXPECT_EQ(registry->warnings()[0],
            "the index of plugins is made anew: " + (folder_ / "cache").native() +
                " can be changed by others");
}

std::string manifest_with(const std::string& id, const std::string& flag) {
  return R"({"schema":"ktl.manifest/1","id":")" + id +
         R"(","version":"1.0.0","summary":"s","interfaces":["ktl.scan/1"],"abi":")" +
         std::string(host_abi()) + R"(","config":{"type":"object","additionalProperties":false,)" +
         R"("properties":{"severity":{"type":"string","default":"info"},)" +
         R"("message":{"type":"string","default":"linked"}}},"flags":[{"name":")" + flag +
         R"(","help":"h"}]})";
}

TEST_F(RegistryTest, PluginsCanBeLinkedIn) {
  PluginSetup setup;
  setup.linked = {{&test_block_scan_entry, manifest_with("test.linked", "flag")}};
  auto registry = PluginRegistry::discover(std::move(setup));
  ASSERT_TRUE(registry.ok()) << registry.status().to_string();
  ASSERT_TRUE(registry->start(host_, CallContext()).ok());
  auto found = registry->find("test.linked")->invoke(verbs::kScan, json::object(), CallContext());
  ASSERT_TRUE(found.ok()) << found.status().to_string();
  EXPECT_EQ(text_of(field_of(*found, "findings")->get_array().at(0), "message"), "linked");
}

TEST_F(RegistryTest, TwoPluginsWithOneFlagAreNamed) {
  PluginSetup setup;
  setup.linked = {{&test_block_scan_entry, manifest_with("test.one", "push")},
                  {&test_block_scan_entry, manifest_with("test.two", "push")}};
  EXPECT_EQ(PluginRegistry::discover(std::move(setup)).status().message(),
            "the flag --push is in both test.one and test.two");
}

}  // namespace
}  // namespace ktl
