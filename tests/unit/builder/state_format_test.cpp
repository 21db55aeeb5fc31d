#include "builder/state_format.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace ktl::builder {
namespace {

class StateFormatTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("format." + std::to_string(::getpid()));
  Site site_;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    site_.home = {"key", folder_ / "state", folder_ / "k.sock"};
    ASSERT_TRUE(make_home(site_.home).ok());
    std::filesystem::create_directories(site_.home.root());
    site_.ids.own = true;
    site_.programs.jail = folder_ / "nsjail";
    site_.programs.unshare = site_.programs.jail;
    // A jail, and what stages it, that only know what is asked of it.
    ASSERT_TRUE(write_file_atomic(site_.programs.jail,
                                  "#!/bin/sh\ncase \"$*\" in *' -- /usr/bin/find /var/lib/buildkit "
                                  "'*' -delete') rm " +
                                      (site_.home.root() / "cache.db").string() + " ;; esac\n")
                    .ok());
    ::chmod(site_.programs.jail.c_str(), 0755);
    ASSERT_TRUE(write_file_atomic(site_.home.root() / "cache.db", "x").ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A daemon that only knows its version.
  void install(const std::string& version) {
    std::filesystem::path program = folder_ / ("buildkitd-" + version);
    ASSERT_TRUE(write_file_atomic(program, "#!/bin/sh\necho buildkitd x " + version + "\n").ok());
    ::chmod(program.c_str(), 0755);
    site_.programs.buildkitd = program.string();
  }
  [[nodiscard]] bool kept() const {
    return std::filesystem::exists(site_.home.root() / "cache.db");
  }
};

TEST_F(StateFormatTest, FindsTheVersionInWhatADaemonSays) {
  EXPECT_EQ(version_in("buildkitd github.com/moby/buildkit v0.34.2 "), (Version{0, 34}));
  EXPECT_FALSE(version_in("buildkitd github.com/moby/buildkit 0.0.0+unknown").has_value());
}

TEST_F(StateFormatTest, ANewerDaemonKeepsTheState) {
  install("v0.33.0");
  ASSERT_TRUE(settle_state(site_).ok());
  install("v0.34.2");
  EXPECT_EQ(*settle_state(site_), "");
  EXPECT_TRUE(kept());
}

TEST_F(StateFormatTest, AnOlderDaemonStartsAnew) {
  install("v0.34.2");
  ASSERT_TRUE(settle_state(site_).ok());
  install("v0.33.0");
  auto done = settle_state(site_);
  ASSERT_TRUE(done.ok()) << done.status().to_string();
  EXPECT_NE(done->find("v0.34.2"), std::string::npos);
  EXPECT_FALSE(kept());
  EXPECT_TRUE(std::filesystem::exists(site_.home.root()));
}

TEST_F(StateFormatTest, TheSameFileIsNotAskedAgain) {
  install("v0.34.2");
  ASSERT_TRUE(settle_state(site_).ok());
  ::chmod(site_.programs.buildkitd.c_str(), 0644);
  EXPECT_TRUE(settle_state(site_).ok());
}

}  // namespace
}  // namespace ktl::builder
