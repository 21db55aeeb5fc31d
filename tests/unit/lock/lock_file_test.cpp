#include "lock/lock_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::lock {
namespace {

using testing::HasSubstr;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'c');
const std::string kCommit(40, 'b');

Lock sample() {
  Lock lock;
  lock.images["docker.io/library/alpine:3"] = kDigest;
  lock.images["h:5000/a@" + kOther] = kOther;
  lock.files["https://a.example/x"] = kDigest;
  lock.repositories["https://a.example/r.git#main"] = kCommit;
  lock.downloads = {{"RUN z", "http://a.example/2", kOther, 7},
                    {"RUN a \"b\"", "http://a.example/1", kDigest, 0, "text/html"},
                    {"RUN z", "http://a.example/2", kOther, 7}};
  lock.not_lockable = {{"RUN a", "POST", "http://a.example/3", "POST is no GET"}};
  return lock;
}

TEST(LockFile, IsTheSameForTheSameLock) {
  const std::string text = to_text(sample());
  const auto lock = parse_lock(text);
  ASSERT_TRUE(lock.ok()) << lock.status().to_string();
  EXPECT_EQ(to_text(*lock), text);
  EXPECT_EQ(lock->images, sample().images);
  EXPECT_EQ(lock->files, sample().files);
  EXPECT_EQ(lock->repositories, sample().repositories);
  EXPECT_EQ(lock->not_lockable, sample().not_lockable);
  ASSERT_EQ(lock->downloads.size(), 2U);  // one was there twice
  EXPECT_EQ(lock->downloads[0], sample().downloads[1]);
  EXPECT_TRUE(parse_lock(to_text(Lock())).ok());
}

TEST(LockFile, HasAnEntryALine) {
  EXPECT_THAT(to_text(sample()), HasSubstr("\n  {\"step\":\"RUN z\",\"url\":\"http://a.example/2\","
                                           "\"digest\":\"" +
                                           kOther + "\",\"size\":7}\n"));
}

TEST(LockFile, FindsSourcesAsTheyAreWritten) {
  const Lock lock = sample();
  for (const char* ref : {"alpine:3", "docker.io/library/alpine:3", "library/alpine:3"}) {
    EXPECT_EQ(lock.digest_of("image", ref), kDigest) << ref;
    EXPECT_EQ(lock.digest_of("frontend", ref), kDigest) << ref;
  }
  EXPECT_EQ(lock.digest_of("image", "alpine"), "");
  EXPECT_EQ(lock.digest_of("image", "alpine:3@" + kOther), "");
  EXPECT_EQ(lock.digest_of("image", "h:5000/a@" + kOther), kOther);
  EXPECT_EQ(lock.digest_of("http", "https://a.example/x"), kDigest);
  EXPECT_EQ(lock.digest_of("http", "alpine:3"), "");
  EXPECT_EQ(lock.digest_of("git", "https://a.example/r.git#main"), kCommit);
}

TEST(LockFile, FindsDownloadsByStep) {
  const Lock lock = sample();
  ASSERT_NE(lock.find("RUN z", "http://a.example/2"), nullptr);
  EXPECT_EQ(lock.find("RUN z", "http://a.example/2")->size, 7);
  EXPECT_NE(lock.find("", "http://a.example/2"), nullptr);
  EXPECT_EQ(lock.find("RUN y", "http://a.example/2"), nullptr);
  EXPECT_EQ(lock.find("RUN z", "http://a.example/1"), nullptr);
  ASSERT_NE(lock.refused("RUN a", "http://a.example/3"), nullptr);
  EXPECT_EQ(lock.refused("RUN z", "http://a.example/3"), nullptr);
}

TEST(LockFile, NamesAStepByItsInstruction) {
  EXPECT_EQ(instruction_of("[build 2/3] RUN make"), "RUN make");
  EXPECT_EQ(instruction_of("[linux/arm64 2/3] RUN [\"a\", \"b\"] "), "RUN [\"a\", \"b\"] ");
  EXPECT_EQ(instruction_of("RUN make"), "RUN make");
  EXPECT_EQ(instruction_of("[x"), "[x");
}

// The text of the sample with `from` as `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = to_text(sample());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LockFile, RefusesWhatIsNoLock) {
  const std::string size = "\"size\":0";
  for (const std::string& text : std::vector<std::string>{
           "", "{", "[]", "{}", "{\"schema\": \"ktl.lock/1\"}", changed("lock/1", "lock/2"),
           changed("\"files\"", "\"fils\""), changed(kDigest, "sha256:a"), changed(kCommit, "main"),
           changed(size, "\"size\":-1"), changed(size, "\"size\":\"0\""),
           changed("http://a.example/1", "ftp://a.example/1"), changed("RUN z", ""),
           changed("text/html", "text/html\\r\\nX: y"), changed("POST is no GET", ""),
           changed("\"files\": [",
                   "\"files\": [{\"url\":\"https://a.example/x\",\"digest\":\"" + kOther + "\"},"),
           changed("\"downloads\": [",
                   "\"downloads\": [{\"step\":\"RUN z\",\"url\":\"http://a.example/2\","
                   "\"digest\":\"" +
                       kDigest + "\",\"size\":7},")}) {
    const auto lock = parse_lock(text);
    EXPECT_EQ(lock.status().code(), Code::kInvalidArgument) << text;
    EXPECT_FALSE(lock.status().next().empty());
  }
}

TEST(LockFile, RefusesTooMuch) {
  EXPECT_FALSE(parse_lock(to_text(sample()) + std::string(kMostBytes, ' ')).ok());
}

}  // namespace
}  // namespace ktl::lock
