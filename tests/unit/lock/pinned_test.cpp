#include "lock/pinned.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ktl::lock {
namespace {

const std::string kHex(64, 'a');
const std::string kCommit(40, 'b');

TEST(Pinned, Images) {
  EXPECT_TRUE(is_pinned_image("alpine@sha256:" + kHex));
  EXPECT_TRUE(is_pinned_image("127.0.0.1:5000/a/b:1@sha256:" + kHex));
  for (const std::string& ref : std::vector<std::string>{
           "alpine", "alpine:3", "alpine@sha256:" + kHex.substr(1), "$BASE", ""}) {
    EXPECT_FALSE(is_pinned_image(ref)) << ref;
  }
}

TEST(Pinned, Files) {
  EXPECT_TRUE(is_pinned_file("sha256:" + kHex));
  EXPECT_TRUE(is_pinned_file("sha512:" + kHex + kHex));
  EXPECT_FALSE(is_pinned_file(""));
  EXPECT_FALSE(is_pinned_file("sha512:" + kHex));
  EXPECT_FALSE(is_pinned_file("md5:" + kHex.substr(32)));
  EXPECT_FALSE(is_pinned_file("sha256:" + std::string(64, 'G')));
}

TEST(Pinned, Repositories) {
  const std::string url = "https://host/a.git";
  EXPECT_TRUE(is_pinned_git(url + "#" + kCommit, ""));
  EXPECT_TRUE(is_pinned_git(url + "#" + kCommit + ":sub/dir", ""));
  EXPECT_TRUE(is_pinned_git(url + "#main", kCommit));
  EXPECT_TRUE(is_pinned_git(url + "?ref=" + kCommit + "&subdir=x", ""));
  EXPECT_FALSE(is_pinned_git(url, ""));
  EXPECT_FALSE(is_pinned_git(url + "#main", ""));
  EXPECT_FALSE(is_pinned_git(url + "#main:" + kCommit, ""));
  EXPECT_FALSE(is_pinned_git(url + "#" + kCommit.substr(0, 12), kCommit.substr(0, 12)));
  EXPECT_FALSE(is_pinned_git(url + "?branch=" + kCommit, ""));
}

TEST(Pinned, SourcesAsTheBuilderNamesThem) {
  const std::string digest = "@sha256:" + kHex;
  for (const std::string& pinned : std::vector<std::string>{
           "local://context", "docker-image://docker.io/library/alpine:3" + digest,
           "oci-layout://base" + digest, "docker-image+blob://h/r" + digest,
           "git://host/a.git#" + kCommit}) {
    EXPECT_TRUE(check_pinned(pinned, "", "").ok()) << pinned;
  }
  EXPECT_TRUE(check_pinned("https://h/x", "sha256:" + kHex, "").ok());
  EXPECT_TRUE(check_pinned("git://host/a.git#main", "", kCommit).ok());
  const std::string query = "git://h/a?commit=" + kCommit;  // which the builder does not read
  for (const std::string& open :
       std::vector<std::string>{"docker-image://docker.io/library/alpine:3", "https://h/x",
                                "git://h/a", "oci-layout://base", query, query + "#main"}) {
    const Status status = check_pinned(open, "", "");
    EXPECT_EQ(status.code(), Code::kPermissionDenied) << open;
    EXPECT_FALSE(status.next().empty()) << open;
  }
  EXPECT_EQ(check_pinned("nfs://host/x", "", "").code(), Code::kUnimplemented);
  EXPECT_EQ(check_pinned("", "", "").code(), Code::kUnimplemented);
}

}  // namespace
}  // namespace ktl::lock
