#include "core/plugins/load.h"

#include "base/sha256.h"
#include "host/rig.h"

namespace ktl {
namespace {

TEST(Load, TakesTheFileThatWasCheckedAndNoOther) {
  TempFolder folder;
  folder.copy("block-scan", "a.so");
  auto file = look_at(folder / "a.so");
  ASSERT_TRUE(file.fault.ok()) << file.fault.to_string();
  std::filesystem::remove(folder / "a.so");
  folder.copy("fail-scan", "a.so");

  auto code = load_plugin(std::move(file));
  ASSERT_TRUE(code.ok()) << code.status().to_string();
  EXPECT_EQ(code->sha256, sha256_hex(*read_file(test_plugin("block-scan"), 64U << 20U)));
  EXPECT_TRUE(Plugin(*std::move(code), std::make_shared<Host>())
                  .create(json::object(), CallContext())
                  .ok());
}

// The dynamic linker tells libraries apart by name; "/proc/self/fd/N" must stay one library's.
TEST(Load, TwoPluginsOneAfterAnotherAreTwo) {
  auto first = load_plugin(look_at(test_plugin("fail-scan")));
  auto second = load_plugin(look_at(test_plugin("throws")));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->entry, second->entry);
  EXPECT_STREQ(second->entry->interfaces[0].id, "ktl.command/1");
}

TEST(Load, APinMustMatch) {
  std::string digest = sha256_hex(*read_file(test_plugin("rude"), 64U << 20U));
  EXPECT_TRUE(load_plugin(look_at(test_plugin("rude")), {digest, "ktl.yaml:3:5"}).ok());
  auto other = load_plugin(look_at(test_plugin("rude")), {std::string(64, '0'), "ktl.yaml:3:5"});
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.status().code(), Code::kDataLoss);
  EXPECT_EQ(other.status().where(), "ktl.yaml:3:5");
}

TEST(Load, RefusesCodeThatIsNotWhatTheManifestSays) {
  auto liar = load_plugin(look_at(test_plugin("lies-about-abi")));
  ASSERT_FALSE(liar.ok());
  EXPECT_EQ(liar.status().message(),
            "plugin test.lies-about-abi has another abi in its manifest than in its code");
  auto promises = load_plugin(look_at(test_plugin("promises")));
  ASSERT_FALSE(promises.ok());
  EXPECT_EQ(promises.status().message(),
            "plugin test.promises promises ktl.export/1 in its manifest, and its code does not "
            "provide it");
  EXPECT_FALSE(load_plugin(look_at(test_plugin("other-abi"))).ok());
}

TEST(Load, TakesTheIndexsWordForTheHash) {
  auto file = look_at(test_plugin("rude"));
  file.sha256 = std::string(64, '1');
  auto believed = load_plugin(std::move(file), {std::string(64, '1'), "ktl.yaml:3:5"});
  EXPECT_TRUE(believed.ok()) << believed.status().to_string();
}

}  // namespace
}  // namespace ktl
