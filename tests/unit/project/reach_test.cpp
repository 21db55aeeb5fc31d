#include "core/project/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/project/project.h"

namespace ktl {
namespace {

using testing::ElementsAre;

// A file that is there, for ca and the like.
constexpr const char* kFile = "/etc/passwd";

Result<Project> parsed(const std::string& text) {
  return parse_project(text, {.file = "/p/ktl.yaml", .untrusted = {}, .overrides = {}});
}
std::string fault(const std::string& text) { return parsed(text).status().to_string(); }

TEST(Registries, AreReadByHost) {
  auto project = parsed(std::string("registries:\n  docker.io: {mirrors: ['m:5000', 'h/p/q']}\n"
                                    "  localhost:5000: {http: true}\n  '[::1]:5': {ca: ") +
                        kFile + "}\n  '*': {proxy: 'http://p:3128', no-proxy: [a.b]}\n");
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  const auto& rules = project->registries;
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_THAT(rules[0].mirrors, ElementsAre("m:5000", "h/p/q"));
  EXPECT_TRUE(rules[1].http);
  EXPECT_EQ(rules[1].origin, "/p/ktl.yaml:3:3");
  EXPECT_EQ(rules[2].ca, kFile);
  EXPECT_EQ(rules[3].proxy, "http://p:3128");
  EXPECT_EQ(oci::registry_rules(json::object{{"registries", to_json(rules)}})[3].no_proxy,
            rules[3].no_proxy);
}

TEST(Registries, RefuseWhatCannotWork) {
  EXPECT_THAT(fault("registries: {'a/b': {}}"), testing::HasSubstr("\"a/b\" is no registry"));
  EXPECT_FALSE(parsed("registries: {'a:x': {}}").ok());
  EXPECT_FALSE(parsed("registries: {a: {mirrors: ['https://m']}}").ok());
  EXPECT_FALSE(parsed("registries: {a: {mirrors: ['u@m']}}").ok());
  EXPECT_FALSE(parsed("registries: {'*': {mirrors: [m]}}").ok());
  EXPECT_FALSE(parsed("registries: {a: {http: true, insecure: true}}").ok());
  EXPECT_FALSE(parsed("registries: {a: {proxy: 'http://p'}}").ok());
  EXPECT_FALSE(parsed("registries: {'*': {proxy: 'socks5://p'}}").ok());
  EXPECT_EQ(fault("registries: {'*': {proxy: 'http://me:word@p'}}"),
            "/p/ktl.yaml:1:20: a file is no place for a proxy's credentials\n"
            "  take them out and set HTTPS_PROXY instead");
  EXPECT_EQ(fault("registries: {a: {ca: no.pem}}"), "/p/ktl.yaml:1:18: there is no file /p/no.pem");
}

TEST(Builders, AreDaemonsOrPools) {
  auto project = parsed(std::string("builders:\n  farm: {pool: [x, arm]}\n"
                                    "  x: {address: 'unix:///b', platforms: [linux/amd64]}\n"
                                    "  arm: {address: 'tcp://h:1', cacert: ") +
                        kFile + ", servername: n}\n");
  ASSERT_TRUE(project.ok()) << project.status().to_string();
  const auto& farm = project->builders.at(0);
  ASSERT_EQ(farm.members.size(), 2U);
  EXPECT_EQ(farm.members[0].address, "unix:///b");
  EXPECT_THAT(farm.members[0].platforms, ElementsAre("linux/amd64"));
  EXPECT_EQ(farm.members[1].cacert, kFile);
  EXPECT_EQ(builders_from_json(to_json(project->builders))[0].members[1].servername, "n");
}

TEST(Builders, RefuseWhatCannotWork) {
  EXPECT_FALSE(parsed("builders: {auto: {address: 'unix:///b'}}").ok());
  EXPECT_FALSE(parsed("builders: {'a;b': {address: 'unix:///b'}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {address: 'unix:///b', pool: [a]}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {pool: []}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {pool: [a]}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {address: 'gopher://x'}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {address: 'ssh://me:word@h'}}").ok());
  EXPECT_FALSE(parsed("builders: {a: {address: 'unix:///b', servername: n}}").ok());
  EXPECT_FALSE(
      parsed(std::string("builders: {a: {address: 'tcp://h:1', cert: ") + kFile + "}}").ok());
  EXPECT_EQ(fault("builders:\n  arm: {address: 'unix:///b'}\n  a: {pool: [amr]}\n"),
            "/p/ktl.yaml:3:14: there is no builder amr\n  did you mean \"arm\"?");
}

}  // namespace
}  // namespace ktl
