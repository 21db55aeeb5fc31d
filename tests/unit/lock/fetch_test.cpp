// What a lock names is fetched and checked before anybody gets it.
#include "lock/fetch.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::lock {
namespace {

using ::testing::HasSubstr;

// URL -> body; "-> URL" leads there, anything else is 404.
class Web : public http::Transport {
 public:
  Result<http::Response> send(const http::Request& request) override {
    asked.push_back(request);
    const auto found = pages.find(request.url);
    http::Response answer;
    answer.status = found == pages.end() ? 404 : 200;
    const std::string body = found == pages.end() ? "" : found->second;
    if (body.starts_with("-> ")) {
      answer.status = 302;
      answer.headers = {{"location", body.substr(3)}};
    } else if (static_cast<int64_t>(body.size()) > request.response_limit) {
      return Status(Code::kResourceExhausted, "too long");
    } else {
      KTL_TRY(write_all(request.sink_fd, body));
    }
    return answer;
  }
  std::map<std::string, std::string> pages;
  std::vector<http::Request> asked;
};

class FetchTest : public ::testing::Test {
 protected:
  ~FetchTest() override { std::filesystem::remove_all(folder_); }
  Status get(Wanted wanted) { return fetch(web_, store_, wanted); }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("ktl-fetch-" + std::to_string(::getpid()));
  const oci::Store store_ = *oci::Store::open(folder_, oci::Durability::kFast);
  const std::string digest_ = digest_of("right");
  Web web_;
};

TEST_F(FetchTest, KeepsWhatItFetchedOnce) {
  web_.pages["http://h/x"] = "right";
  EXPECT_TRUE(get({"http://h/x", digest_, 5, "text/html"}).ok());
  EXPECT_TRUE(store_.size(digest_).ok());
  EXPECT_EQ(web_.asked.at(0).headers.at(0).second, "text/html, */*;q=0.1");
  EXPECT_TRUE(get({"http://h/x", digest_, 5, ""}).ok());
  EXPECT_EQ(web_.asked.size(), 1U);
}

TEST_F(FetchTest, AnotherContentIsNotKept) {
  for (const char* wrong : {"wrong", "right, and longer"}) {
    web_.pages["http://h/x"] = wrong;
    const Status status = get({"http://h/x", digest_, 5, ""});
    EXPECT_EQ(status.code(), Code::kDataLoss);
    EXPECT_THAT(status.message(), HasSubstr("http://h/x"));
    EXPECT_THAT(status.message(), HasSubstr(digest_));
    EXPECT_FALSE(store_.size(digest_).ok());
  }
  web_.pages["http://h/x"] = "wrong";
  EXPECT_THAT(get({"http://h/x", digest_, 5, ""}).message(), HasSubstr(digest_of("wrong")));
  EXPECT_FALSE(store_.size(digest_of("wrong")).ok());
}

TEST_F(FetchTest, SaysWhetherItMayBeNear) {
  EXPECT_FALSE(get({"http://h/x", digest_, 5, ""}).ok());
  EXPECT_TRUE(web_.asked.back().far_only);
  EXPECT_FALSE(get({.url = "http://h/x", .digest = digest_, .near = true}).ok());
  EXPECT_FALSE(web_.asked.back().far_only);
}

TEST_F(FetchTest, RedirectsAreForFilesOnly) {
  web_.pages["http://h/x"] = "-> /y";
  web_.pages["http://h/y"] = "right";
  EXPECT_EQ(get({"http://h/x", digest_, 5, ""}).code(), Code::kUnavailable);
  EXPECT_TRUE(get({"http://h/x", digest_, -1, "", true}).ok());
  web_.pages["http://h/loop"] = "-> /loop";
  EXPECT_EQ(get({"http://h/loop", digest_of("?"), -1, "", true}).code(), Code::kUnavailable);
}

TEST_F(FetchTest, NobodyIsLedToThisMachineNorOutOfTls) {
  web_.pages["http://h/x"] = "-> http://169.254.169.254/y";
  web_.pages["http://169.254.169.254/y"] = "right";
  web_.pages["https://h/x"] = "-> http://h/z";
  web_.pages["http://h/z"] = "right";
  for (const char* url : {"http://h/x", "https://h/x"}) {
    web_.asked.clear();
    EXPECT_EQ(get({url, digest_, -1, "", true}).code(), Code::kPermissionDenied) << url;
    EXPECT_EQ(web_.asked.size(), 1U);
    EXPECT_FALSE(store_.size(digest_).ok());
  }
}

TEST_F(FetchTest, WhatIsNotThereIsSaid) {
  const Status status = get({"http://h/x", digest_, 5, ""});
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("404"));
}

}  // namespace
}  // namespace ktl::lock
