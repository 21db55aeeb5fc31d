#include "ledger/ledger.h"

#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::ledger {
namespace {

namespace fs = std::filesystem;

std::string step(int number) { return digest_of(std::to_string(number)); }

Entry entry(int number, int64_t time_ns = 1) { return {step(number), "none", {}, "", time_ns}; }

class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "ledger-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  Ledger open(std::string_view daemon = "daemon", Ledger::Limits limits = {}) {
    auto ledger = Ledger::open(folder_ / "ledger", daemon, limits);
    EXPECT_TRUE(ledger.ok()) << ledger.status().to_string();
    return *std::move(ledger);
  }
  fs::path file() {
    for (const auto& each : fs::directory_iterator(folder_ / "ledger")) {
      if (each.path().extension() == ".jsonl") {
        return each.path();
      }
    }
    return {};
  }

  fs::path folder_;
};

TEST_F(LedgerTest, KnowsAStepAgainBehindItsFenceAndDaemonOnly) {
  const std::vector<Entry> entries = {entry(1), entry(2)};
  ASSERT_TRUE(open().add(entries).ok());
  const Ledger again = open();
  EXPECT_EQ(again.size(), 2U);
  ASSERT_NE(again.find(step(1), "none"), nullptr);
  EXPECT_EQ(again.find(step(1), "none")->step, step(1));
  EXPECT_EQ(again.find(step(1), "no-egress"), nullptr);
  EXPECT_EQ(again.find(step(3), "none"), nullptr);
  EXPECT_EQ(open("another daemon").find(step(1), "none"), nullptr);
}

TEST_F(LedgerTest, IsTheUsersAlone) {
  const std::vector<Entry> entries = {entry(1)};
  ASSERT_TRUE(open().add(entries).ok());
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(file().parent_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(LedgerTest, TheNewestEntryCounts) {
  std::vector<Entry> entries = {entry(1, 5), entry(1, 9), entry(1, 7)};
  entries[1].policy = step(9);
  ASSERT_TRUE(open().add(entries).ok());
  EXPECT_EQ(open().find(step(1), "none")->policy, step(9));
}

TEST_F(LedgerTest, ALineThatACrashCutOffIsNoEntryAndHarmsNoOther) {
  const std::vector<Entry> first = {entry(1)};
  const std::vector<Entry> second = {entry(2)};
  ASSERT_TRUE(open().add(first).ok());
  std::ofstream(file(), std::ios::app) << to_line(entry(3)).substr(0, 50);
  EXPECT_EQ(open().size(), 1U);
  ASSERT_TRUE(open().add(second).ok());
  const Ledger again = open();
  EXPECT_EQ(again.size(), 2U);
  EXPECT_NE(again.find(step(2), "none"), nullptr);
}

TEST_F(LedgerTest, LinesThatAreNoEntriesAreNotKnown) {
  const std::vector<Entry> first = {entry(1)};
  ASSERT_TRUE(open().add(first).ok());
  std::ofstream(file(), std::ios::app) << "garbage\n\n{}\n" << to_line(entry(2)) << "\n";
  EXPECT_EQ(open().size(), 2U);
}

TEST_F(LedgerTest, DamageIsNoticedAndTheNextWriterRepairsIt) {
  const std::vector<Entry> first = {entry(1)};
  ASSERT_TRUE(open().add(first).ok());
  EXPECT_FALSE(open().damaged());
  const std::vector<std::string> harms = {std::string("garbage\n"), to_line(entry(3)).substr(0, 50),
                                          std::string("\0\0\n", 3)};
  for (const std::string& harm : harms) {
    std::ofstream(file(), std::ios::app) << harm;
    Ledger ledger = open();
    EXPECT_TRUE(ledger.damaged());
    EXPECT_EQ(ledger.size(), 1U);
    ASSERT_TRUE(ledger.add({}).ok());
    EXPECT_FALSE(ledger.damaged());
    EXPECT_FALSE(open().damaged());
    EXPECT_EQ(open().size(), 1U);
  }
}

TEST_F(LedgerTest, OneThatIsTooLargeIsNotRead) {
  const Ledger::Limits limits{.bytes = 1000};
  const std::vector<Entry> one = {entry(1)};
  ASSERT_TRUE(open("daemon", limits).add(one).ok());
  fs::resize_file(file(), 2 * limits.bytes + kMostLine + 1);
  const Status status = Ledger::open(folder_ / "ledger", "daemon", limits).status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_FALSE(status.next().empty());
}

TEST_F(LedgerTest, AnEntryThatIsNoneIsNotWritten) {
  const std::vector<Entry> wrong = {entry(1), Entry{}};
  EXPECT_EQ(open().add(wrong).code(), Code::kInvalidArgument);
  EXPECT_EQ(open().size(), 0U);
}

TEST_F(LedgerTest, ForgetsTheOldestWhenItIsFull) {
  const Ledger::Limits limits{.bytes = 6000};
  for (int i = 0; i < 60; ++i) {
    const std::vector<Entry> one = {entry(i, i)};
    ASSERT_TRUE(open("daemon", limits).add(one).ok());
    ASSERT_LE(fs::file_size(file()), 6000U);
  }
  const Ledger ledger = open("daemon", limits);
  EXPECT_NE(ledger.find(step(59), "none"), nullptr);
  EXPECT_EQ(ledger.find(step(0), "none"), nullptr);
  EXPECT_GT(ledger.size(), 5U);
}

TEST_F(LedgerTest, SeveralProgramsWriteIt) {
  for (int child = 0; child < 4; ++child) {
    if (::fork() == 0) {
      bool ok = true;
      for (int i = 0; i < 25; ++i) {
        const std::vector<Entry> one = {entry(child * 100 + i)};
        auto ledger = Ledger::open(folder_ / "ledger", "daemon");
        ok = ok && ledger.ok() && ledger->add(one).ok();
      }
      ::_exit(ok ? 0 : 1);
    }
  }
  for (int child = 0; child < 4; ++child) {
    int status = 0;
    ASSERT_GT(::wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().size(), 100U);
}

TEST_F(LedgerTest, DoesNotFollowALinkInItsPlace) {
  const std::vector<Entry> one = {entry(1)};
  ASSERT_TRUE(open().add(one).ok());
  const fs::path name = file();
  fs::rename(name, folder_ / "elsewhere");
  fs::create_symlink(folder_ / "elsewhere", name);
  EXPECT_FALSE(open().add(one).ok());
}

}  // namespace
}  // namespace ktl::ledger
