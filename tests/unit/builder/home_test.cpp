#include "builder/home.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ktl::builder {
namespace {

class HomeTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("home." + std::to_string(::getpid()));

  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] Home home() const { return *home_for({}, false, folder_, folder_); }
};

TEST_F(HomeTest, StateBehindAJailSaysSoInItsName) {
  auto home = home_for({}, false, "/state", "/run");
  ASSERT_TRUE(home.ok());
  EXPECT_EQ(home->state, "/state/jailed-default-" + home->key);
  EXPECT_EQ(home->socket, "/run/" + home->key + ".sock");
}

TEST_F(HomeTest, ZonesUsersPlacesAndFencesShareNothing) {
  Settings other;
  other.zone = "pr";
  std::string key = home_for({}, false, "/s", "/r")->key;
  EXPECT_NE(key, home_for(other, false, "/s", "/r")->key);
  EXPECT_NE(key, home_for({}, true, "/s", "/r")->key);
  EXPECT_NE(key, home_for({}, false, "/s2", "/r")->key);
  Settings cut;
  cut.network = "none";
  EXPECT_NE(key, home_for(cut, false, "/s", "/r")->key);
  EXPECT_EQ(key, home_for({}, false, "/s", "/r2")->key);
}

TEST_F(HomeTest, LimitsAndIdleTimeAreNoOtherBuilder) {
  Settings other;
  other.idle_seconds = 5;
  other.keep_storage = "1GB";
  EXPECT_EQ(home_for({}, false, "/s", "/r")->key, home_for(other, false, "/s", "/r")->key);
}

TEST_F(HomeTest, TwoSpellingsOfOneListAreOneBuilder) {
  Settings one;
  Settings other;
  one.network = "allow:b.example:443,A.example";
  other.network = "allow:a.example,B.example:443,a.example";
  EXPECT_EQ(home_for(one, false, "/s", "/r")->key, home_for(other, false, "/s", "/r")->key);
  other.network = "allow:a.example";
  EXPECT_NE(home_for(one, false, "/s", "/r")->key, home_for(other, false, "/s", "/r")->key);
}

TEST_F(HomeTest, RefusesASocketPathTheKernelCannotTake) {
  auto home = home_for({}, false, "/s", "/" + std::string(100, 'r'));
  EXPECT_EQ(home.status().code(), Code::kInvalidArgument);
}

TEST_F(HomeTest, AZoneThatIsAPathIsRefused) {
  for (const char* zone : {"", "../x", "a/b", ".", "-x", "A", "\xff"}) {
    Settings settings;
    settings.zone = zone;
    EXPECT_EQ(home_for(settings, false, "/s", "/r").status().code(), Code::kInvalidArgument);
  }
}

TEST_F(HomeTest, MakesItsFoldersForThisUserAlone) {
  ASSERT_TRUE(make_home(home()).ok());
  struct stat info{};
  ASSERT_EQ(::stat(home().state.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(HomeTest, ALinkInPlaceOfAFolderIsNotFollowed) {
  std::filesystem::create_directory(folder_ / "elsewhere");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", home().state);
  EXPECT_EQ(make_home(home()).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "elsewhere"));
  Home linked = home();
  linked.socket = folder_ / "link" / "k.sock";
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", folder_ / "link");
  EXPECT_EQ(make_home(linked).code(), Code::kFailedPrecondition);
}

TEST_F(HomeTest, AFolderThatOthersMayWriteIsRefused) {
  ASSERT_TRUE(make_home(home()).ok());
  ASSERT_EQ(::chmod(home().state.c_str(), 0777), 0);
  Status status = make_home(home());
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("can be written by others"), std::string::npos);
}

TEST_F(HomeTest, KnownHomesAreThoseWithAFolder) {
  Settings other;
  other.zone = "a-b.c";
  ASSERT_TRUE(make_home(home()).ok());
  ASSERT_TRUE(make_home(*home_for(other, false, folder_, folder_)).ok());
  std::filesystem::create_directory(folder_ / "jailed-x");
  std::filesystem::create_directory(folder_ / "unfenced-default-abc");
  auto known = known_homes(folder_, folder_);
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].zone, "a-b.c");
  EXPECT_EQ(known[1].zone, "default");
  EXPECT_EQ(known[1].home.socket, home().socket);
}

}  // namespace
}  // namespace ktl::builder
