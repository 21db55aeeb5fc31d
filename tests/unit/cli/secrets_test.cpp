#include "cli/request/secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

class Secrets : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "ktl-secrets-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ASSERT_TRUE(write_file_atomic(folder_ / "token", "hunter2").ok());
    ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string secret(const std::string& word) {
    Surroundings surroundings{environment_, folder_};
    return shown(read_secret(word, surroundings));
  }
  std::string ssh(const std::string& word) {
    Surroundings surroundings{environment_, folder_};
    return shown(read_ssh(word, surroundings));
  }
  std::string path(const std::string& name) { return (folder_ / name).string(); }

  std::filesystem::path folder_;
  Environment environment_{Variables{{"TOKEN", "s3cret"}}};

 private:
  static std::string shown(const Result<json::object>& entry) {
    return entry.ok() ? json::serialize(*entry) : entry.status().to_string();
  }
};

TEST_F(Secrets, NamesAVariable) {
  EXPECT_EQ(secret("TOKEN"), R"({"id":"TOKEN","env":"TOKEN"})");
  EXPECT_EQ(secret("id=t,env=TOKEN"), R"({"id":"t","env":"TOKEN"})");
  EXPECT_EQ(secret("id=t,type=env,src=TOKEN"), R"({"id":"t","env":"TOKEN"})");
  EXPECT_EQ(secret("id=TOKEN"), R"({"id":"TOKEN","env":"TOKEN"})");
}

TEST_F(Secrets, NamesAFile) {
  std::string expected = R"({"id":"t","src":")" + path("token") + R"("})";
  EXPECT_EQ(secret("id=t,src=token"), expected);
  EXPECT_EQ(secret("type=file,id=t,source=./token"), expected);
  EXPECT_EQ(secret("id=token"), R"({"id":"token","src":")" + path("token") + R"("})");
}

TEST_F(Secrets, SaysWhatIsMissing) {
  EXPECT_EQ(secret("NOPE"),
            "secret NOPE: the variable NOPE is not set\n"
            "  export NOPE, or name a file: --secret id=NOPE,src=FILE");
  EXPECT_EQ(secret("id=t,src=none").substr(0, 10), "secret t: ");
  EXPECT_NE(secret("id=t,src=none").find("there is no such file"), std::string::npos);
  EXPECT_NE(secret("id=t,src=pipe").find("no regular file"), std::string::npos);
}

TEST_F(Secrets, RefusesBadKeysWithoutShowingValues) {
  std::string text = secret("TOKEN=s3cret");
  EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
  text = secret("id=t,s3cret");
  EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
  EXPECT_EQ(secret("id=t,src=token,env=TOKEN"), "secret t names both a file and a variable");
  EXPECT_EQ(secret("src=token"), "--secret needs an id\n  write --secret id=ID,...");
  EXPECT_EQ(secret("id=t,type=vault"), "secret t: --secret type must be file or env");
}

TEST_F(Secrets, SshNeedsAnAgentOrAKey) {
  EXPECT_EQ(ssh("default").substr(0, 43), "--ssh default: SSH_AUTH_SOCK is not set\n  s");
  ASSERT_EQ(mknod((folder_ / "agent").c_str(), S_IFSOCK | 0600, 0), 0);
  environment_ = Environment(Variables{{"SSH_AUTH_SOCK", path("agent")}});
  EXPECT_EQ(ssh("default"), R"({"id":"default","src":""})");
  EXPECT_EQ(ssh("git=agent"), R"({"id":"git","src":")" + path("agent") + R"("})");
  for (const char* word : {"git=none", "git=pipe"}) {
    EXPECT_NE(ssh(word).find("is neither an agent's socket nor a key file"), std::string::npos)
        << word;
  }
  EXPECT_EQ(ssh("key=token"), R"({"id":"key","src":"","keys":[")" + path("token") + R"("]})");
  EXPECT_EQ(ssh("key=token,token"), R"({"id":"key","src":"","keys":[")" + path("token") + R"(",")" +
                                        path("token") + R"("]})");
  EXPECT_NE(ssh("key=token,agent").find("cannot be joined"), std::string::npos);
  EXPECT_NE(ssh("key=token,gone").find("gone is neither"), std::string::npos);
  environment_ = Environment(Variables{{"SSH_AUTH_SOCK", "/nowhere/agent"}});
  EXPECT_NE(ssh("default").find("/nowhere/agent is neither an agent's socket nor a key file"),
            std::string::npos);
}

}  // namespace
}  // namespace ktl::cli
