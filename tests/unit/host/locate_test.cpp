#include "core/plugins/locate.h"

#include <unistd.h>

#include "host/rig.h"

namespace ktl {
namespace {

Result<std::vector<PluginFile>> files_in(const PluginFolder& folder) {
  PluginIndex index;
  return plugins_in(folder, index);
}

PluginFolder named(const std::filesystem::path& path) { return {path, "flag", false}; }

TEST(Locate, ListsPluginsByNameAndKeepsTheirFaults) {
  TempFolder folder;
  folder.copy("fail-scan", "b.so");
  folder.copy("block-scan", "a.so");
  folder.copy("no-plugin", "c.so");
  folder.copy("other-abi", "d.so");
  folder.write("README", "no plugin");
  folder.write(".hidden.so", "no plugin");
  auto files = files_in(named(folder.path()));
  ASSERT_TRUE(files.ok()) << files.status().to_string();
  ASSERT_EQ(files->size(), 4U);
  EXPECT_EQ((*files)[0].manifest.id, "test.block-scan");
  EXPECT_TRUE((*files)[0].fault.ok());
  EXPECT_TRUE((*files)[0].fd.valid());
  EXPECT_EQ((*files)[1].manifest.id, "test.fail-scan");
  EXPECT_EQ((*files)[2].fault.where(), (folder / "c.so").native());
  EXPECT_EQ((*files)[3].manifest.id, "test.other-abi");
  EXPECT_EQ((*files)[3].fault.code(), Code::kFailedPrecondition);
}

TEST(Locate, RefusesWhatOthersCanChange) {
  TempFolder folder;
  folder.copy("block-scan", "a.so");
  chmod((folder / "a.so").c_str(), 0664);
  auto files = files_in(named(folder.path()));
  ASSERT_TRUE(files.ok());
  EXPECT_EQ((*files)[0].fault.code(), Code::kPermissionDenied);
  EXPECT_EQ((*files)[0].fault.next(), "chmod go-w " + (folder / "a.so").native());

  chmod((folder / "a.so").c_str(), 0644);
  chmod(folder.path().c_str(), 0777);
  auto refused = files_in(named(folder.path()));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(refused.status().where(), "flag");
  EXPECT_EQ(look_at(folder / "a.so").fault.code(), Code::kPermissionDenied);
}

TEST(Locate, ALinkMayNotLeaveItsFolder) {
  TempFolder folder;
  std::filesystem::create_symlink(test_plugin("block-scan"), folder / "a.so");
  folder.copy("fail-scan", "b.so");
  std::filesystem::create_symlink("b.so", folder / "c.so");
  auto files = files_in(named(folder.path()));
  ASSERT_TRUE(files.ok());
  EXPECT_FALSE((*files)[0].fault.ok());
  EXPECT_TRUE((*files)[2].fault.ok());
}

TEST(Locate, OnlyTheDefaultFolderMayBeMissing) {
  EXPECT_TRUE(files_in({"/nonexistent/plugins", "default", true, true})->empty());
  EXPECT_EQ(files_in(named("/nonexistent/plugins")).status().code(), Code::kNotFound);
  auto standard = default_plugin_folder();
  ASSERT_TRUE(standard.ok());
  EXPECT_EQ(standard->path, std::filesystem::path(KTL_BINARY_DIR) / "lib/ktl/plugins");
  EXPECT_TRUE(standard->enabled && standard->may_be_missing);
}

TEST(Locate, AFifoDoesNotHoldItUp) {
  TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "a.so").c_str(), 0600), 0);
  auto files = files_in(named(folder.path()));
  ASSERT_TRUE(files.ok());
  EXPECT_EQ((*files)[0].fault.message(), "not a ktl plugin: not a regular file");
}

}  // namespace
}  // namespace ktl
