#include "lock/allow_list.h"

#include <gtest/gtest.h>

namespace ktl::lock {
namespace {

std::string match(const std::vector<std::string>& entries, std::string_view url) {
  const auto list = AllowList::parse(entries);
  EXPECT_TRUE(list.ok()) << list.status().to_string();
  return list.ok() ? list->match(url).value_or("no") : "bad";
}

TEST(AllowList, TakesHostsByName) {
  const std::vector<std::string> list = {"pypi.org", "10.0.0.7:8080", "[::1]:5000", "Files.Org"};
  EXPECT_EQ(match(list, "https://pypi.org/simple/"), "pypi.org");
  EXPECT_EQ(match(list, "http://PyPI.org/"), "pypi.org");
  EXPECT_EQ(match(list, "http://10.0.0.7:8080/x"), "10.0.0.7:8080");
  EXPECT_EQ(match(list, "http://[::1]:5000/"), "[::1]:5000");
  EXPECT_EQ(match(list, "https://files.org/a?b#c"), "Files.Org");
}

TEST(AllowList, WithoutAPortMeansTheUsualOnes) {
  EXPECT_EQ(match({"a.example"}, "http://a.example:443/"), "a.example");
  EXPECT_EQ(match({"a.example"}, "http://a.example:8080/"), "no");
  EXPECT_EQ(match({"a.example:80"}, "https://a.example/"), "no");
}

// What would be another host, or look like one that is allowed.
TEST(AllowList, LetsNothingElsePass) {
  for (const char* url :
       {"https://evil.example/", "https://a.example.evil.example/",
        "https://a.example@evil.example/", "https://evil.example/@a.example",
        "https://evil.example?@a.example/", "https://evil.example#@a.example/",
        "http://a.example.:80/", "ftp://a.example/", "a.example", "http:///a.example",
        "http://a.example\\@evil.example/", "http://a.example%2eevil/", "http://a.example\t.evil/",
        "http://sub.a.example/", "http://[a.example]/", ""}) {
    EXPECT_EQ(match({"a.example"}, url), "no") << url;
  }
  EXPECT_EQ(match({"a.example"}, "https://user:word@a.example/x"), "a.example");
  EXPECT_EQ(match({}, "http://a.example/"), "no");
}

TEST(AllowList, RefusesWhatIsNoHost) {
  for (const char* entry : {"", "https://pypi.org", "pypi.org/simple", "a b", "u@pypi.org", "h:0",
                            "h:99999", "*.example", "h?q", "h#f", ":80"}) {
    EXPECT_EQ(AllowList::parse({"ok.example", entry}).status().code(), Code::kInvalidArgument)
        << entry;
  }
}

}  // namespace
}  // namespace ktl::lock
