#include "core/project/trust.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

namespace ktl {
namespace {

namespace fs = std::filesystem;

class TrustTest : public testing::Test {
 protected:
  TrustTest() {
    std::string name = (fs::temp_directory_path() / "ktl-trust-XXXXXX").native();
    root_ = mkdtemp(name.data());
    std::ofstream(root_ / "ktl.yaml") << "x";
  }
  ~TrustTest() override { fs::remove_all(root_); }

  [[nodiscard]] fs::path file() const { return root_ / "state/trust.json"; }
  [[nodiscard]] TrustRecords records() const { return TrustRecords(file()); }

  fs::path root_;
  const std::string one_ = std::string(64, '1');
  const std::string two_ = std::string(64, '2');
};

TEST_F(TrustTest, RemembersPathAndContent) {
  fs::path project = root_ / "ktl.yaml";
  EXPECT_EQ(*records().look_up(project, one_), Trust::kNever);
  ASSERT_TRUE(records().record(project, one_).ok());
  EXPECT_EQ(*records().look_up(project, one_), Trust::kYes);
  EXPECT_EQ(*records().look_up(project, two_), Trust::kChanged);
  ASSERT_TRUE(records().record(project, two_).ok());
  EXPECT_EQ(*records().look_up(project, one_), Trust::kChanged);
  EXPECT_TRUE(*records().forget(project));
  EXPECT_FALSE(*records().forget(project));
  EXPECT_EQ(*records().look_up(project, two_), Trust::kNever);
}

TEST_F(TrustTest, AnotherFileWithTheSameContentIsAnother) {
  ASSERT_TRUE(records().record(root_ / "ktl.yaml", one_).ok());
  fs::copy(root_ / "ktl.yaml", root_ / "other.yaml");
  EXPECT_EQ(*records().look_up(root_ / "other.yaml", one_), Trust::kNever);
  fs::create_directory_symlink(root_, root_ / "link");
  EXPECT_EQ(*records().look_up(root_ / "link/ktl.yaml", one_), Trust::kYes);
}

TEST_F(TrustTest, TheRecordIsTheUsersAlone) {
  ASSERT_TRUE(records().record(root_ / "ktl.yaml", one_).ok());
  struct stat info{};
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  chmod(file().c_str(), 0620);
  EXPECT_EQ(records().look_up(root_ / "ktl.yaml", one_).status().code(), Code::kPermissionDenied);
  EXPECT_FALSE(records().record(root_ / "ktl.yaml", one_).ok());
}

TEST_F(TrustTest, ALinkOrADamagedRecordIsNotBelieved) {
  ASSERT_TRUE(records().record(root_ / "ktl.yaml", one_).ok());
  fs::rename(file(), root_ / "real.json");
  fs::create_symlink(root_ / "real.json", file());
  EXPECT_FALSE(records().look_up(root_ / "ktl.yaml", one_).ok());
  fs::remove(file());
  for (const char* text : {"", "[]", "{\"schema\": \"ktl.trust/1\"}", "{\"files\": [1]}"}) {
    std::ofstream(file()) << text;
    chmod(file().c_str(), 0600);
    EXPECT_EQ(records().look_up(root_ / "ktl.yaml", one_).status().code(), Code::kInvalidArgument)
        << text;
  }
}

TEST_F(TrustTest, SeveralAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    std::ofstream(root_ / std::to_string(i)) << "x";
    threads.emplace_back(
        [this, i] { EXPECT_TRUE(records().record(root_ / std::to_string(i), one_).ok()); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(*records().look_up(root_ / std::to_string(i), one_), Trust::kYes);
  }
}

}  // namespace
}  // namespace ktl
