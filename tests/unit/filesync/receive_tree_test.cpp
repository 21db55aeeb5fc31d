#include "filesync/receive_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <functional>

#include "base/fd.h"
#include "filesync/packet.h"

namespace ktl::filesync {
namespace {

namespace fs = std::filesystem;

// A sender that says what a test wrote down, whatever it is asked.
class Script : public PacketSink, public PacketSource {
 public:
  void stat(const Stat& stat) {
    std::string message;
    append_stat(stat, message);
    says_.push_back(std::move(message));
  }
  void listed() { says_.emplace_back(); }
  void data(uint32_t id, const std::string& bytes) {
    says_.push_back(data_header(id, bytes.size()) + bytes);
  }
  void fin() { says_.push_back(fin_packet()); }
  void raw(std::string bytes) { says_.push_back(std::move(bytes)); }

  Status send(std::string_view message) override {
    heard.push_back(parse_packet(message)->type);
    if (heard.back() == PacketType::kFin) {
      on_fin();
    }
    return {};
  }
  Result<std::optional<std::string>> receive() override {
    if (says_.empty()) {
      return std::optional<std::string>();
    }
    std::optional<std::string> next = std::move(says_.front());
    says_.pop_front();
    return next;
  }
  std::vector<PacketType> heard;
  std::function<void()> on_fin = [] {};

 private:
  std::deque<std::string> says_;
};

class ReceiveTree : public ::testing::Test {
 protected:
  ReceiveTree() { fs::create_directories(root_); }
  ~ReceiveTree() override { fs::remove_all(base_); }
  Code run() {
    auto root = open_file(root_, O_RDONLY | O_DIRECTORY);
    return receive_tree(root->get(), script_, script_).status().code();
  }
  fs::path base_ = fs::temp_directory_path() / ("receive-" + std::to_string(::getpid()));
  fs::path root_ = base_ / "root";
  Script script_;
};

TEST_F(ReceiveTree, WritesWhatIsSent) {
  constexpr int64_t kTime = 1'577'934'245'000'000'000;
  script_.stat({.path = "d", .mode = kGoFolder | 0555U, .mtime_ns = kTime});
  script_.stat({.path = "d/f", .mode = (1U << 23U) | 0640U, .size = 5, .mtime_ns = kTime});
  script_.stat({.path = "d/h", .mode = 0640, .linkname = "d/f"});
  script_.stat({.path = "s", .mode = kGoSymlink | 0777U, .linkname = "/etc/passwd"});
  script_.listed();
  script_.data(1, "he");
  script_.data(1, "llo");
  script_.data(1, "");
  script_.fin();
  ASSERT_EQ(run(), Code::kOk);
  EXPECT_EQ(*read_file(root_ / "d/h", 10), "hello");
  struct stat about{};
  ASSERT_EQ(::stat((root_ / "d/f").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0640U);  // no set-id bit
  EXPECT_EQ(about.st_mtime, kTime / 1'000'000'000);
  ASSERT_EQ(::stat((root_ / "d").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0555U);
  EXPECT_EQ(about.st_mtime, kTime / 1'000'000'000);
  EXPECT_EQ(fs::read_symlink(root_ / "s"), "/etc/passwd");
  EXPECT_THAT(script_.heard, testing::ElementsAre(PacketType::kReq, PacketType::kFin));
  ::chmod((root_ / "d").c_str(), 0755);
}

// Whoever waits for the builder goes on as soon as it has heard the goodbye.
TEST_F(ReceiveTree, IsCompleteBeforeItSaysSo) {
  script_.stat({.path = "d", .mode = kGoFolder | 0750U});
  script_.listed();
  script_.fin();
  mode_t seen = 0;
  script_.on_fin = [&] {
    struct stat about{};
    ::stat((root_ / "d").c_str(), &about);
    seen = about.st_mode & 07777U;
  };
  ASSERT_EQ(run(), Code::kOk);
  EXPECT_EQ(seen, 0750U);
}

TEST_F(ReceiveTree, NeverLeavesItsFolder) {
  for (const char* path : {"", "..", "../x", "/x", "a/../../x", "a//b", "a/", "./a"}) {
    script_ = Script();
    script_.stat({.path = path, .mode = 0644});
    EXPECT_EQ(run(), Code::kDataLoss) << path;
  }
  script_ = Script();
  script_.stat({.path = "l", .mode = kGoSymlink | 0777U, .linkname = ".."});
  script_.stat({.path = "l/x", .mode = 0644});
  EXPECT_NE(run(), Code::kOk);
  script_ = Script();
  script_.stat({.path = "hard", .mode = 0644, .linkname = "../root"});
  EXPECT_EQ(run(), Code::kDataLoss);
  EXPECT_FALSE(fs::exists(base_ / "x"));
}

TEST_F(ReceiveTree, RefusesWhatBreaksTheProtocol) {
  auto broken = [&](auto... says) {
    script_ = Script();
    (says(), ...);
    return run();
  };
  EXPECT_EQ(broken([&] { script_.data(7, "x"); }), Code::kDataLoss);
  EXPECT_EQ(broken([&] { script_.fin(); }), Code::kDataLoss);
  EXPECT_EQ(broken([&] { script_.raw(req_packet(1)); }), Code::kDataLoss);
  EXPECT_EQ(broken([&] { script_.raw(err_packet("full disk")); }), Code::kDataLoss);
  EXPECT_EQ(broken([&] { script_.raw("\xff"); }), Code::kDataLoss);
  EXPECT_EQ(broken([&] { script_.listed(); }), Code::kDataLoss);  // then silence
  EXPECT_EQ(broken([&] { script_.stat({.path = "dev", .mode = 1U << 26U}); }),
            Code::kPermissionDenied);
  script_ = Script();
  script_.stat({.path = "twice", .mode = 0644});
  script_.stat({.path = "twice", .mode = 0644});
  EXPECT_NE(run(), Code::kOk);
}

}  // namespace
}  // namespace ktl::filesync
