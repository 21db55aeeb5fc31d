#include "oci/registry/routed.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace ktl::oci {
namespace {

// Remembers how it was asked to go.
class Listener : public http::Transport {
 public:
  Result<http::Response> send(const http::Request& request) override {
    route = request.route;
    return http::Response{200, {}, ""};
  }
  http::Route route;
};

class Routed : public testing::Test {
 protected:
  Routed() { ::unsetenv("HTTPS_PROXY"); }
  ~Routed() override { ::unsetenv("HTTPS_PROXY"); }
  http::Route to(const std::string& url) {
    EXPECT_TRUE(transport_.send({.url = url}).ok());
    return listener_.route;
  }

  Listener listener_;
  RoutedTransport transport_{listener_,
                             {{.host = "r:5000", .ca = "/ca.pem"},
                              {.host = "plain", .insecure = true},
                              {.host = "docker.io", .ca = "/hub.pem"},
                              {.host = "*", .proxy = "http://p:1", .no_proxy = {"a", "b"}}}};
};

TEST_F(Routed, ARuleIsForItsHostAndPort) {
  EXPECT_EQ(to("https://r:5000/v2/").ca_file, "/ca.pem");
  EXPECT_EQ(to("https://r/v2/").ca_file, "");
  EXPECT_EQ(to("https://other:5000/v2/").ca_file, "");
  EXPECT_TRUE(to("https://plain/v2/").unchecked);
  EXPECT_TRUE(to("https://plain:443/v2/").unchecked);
  EXPECT_FALSE(to("https://plain:8443/v2/").unchecked);
  EXPECT_EQ(to("https://registry-1.docker.io/v2/").ca_file, "/hub.pem");
}

TEST_F(Routed, ATokenServerWithoutARuleGoesAsItsRegistry) {
  EXPECT_TRUE(transport_.send({.url = "https://tokens/t", .route = {.as_for = "r:5000"}}).ok());
  EXPECT_EQ(listener_.route.ca_file, "/ca.pem");
  EXPECT_TRUE(transport_.send({.url = "https://plain/t", .route = {.as_for = "r:5000"}}).ok());
  EXPECT_EQ(listener_.route.ca_file, "");
  EXPECT_TRUE(listener_.route.unchecked);
}

TEST_F(Routed, TheProxyIsForAllUnlessTheEnvironmentHasOne) {
  EXPECT_EQ(to("https://anywhere/").proxy, "http://p:1");
  EXPECT_EQ(to("https://anywhere/").no_proxy, "a,b");
  ::setenv("HTTPS_PROXY", "http://user:word@q:2", 1);
  EXPECT_EQ(to("https://anywhere/").proxy, "");
}

}  // namespace
}  // namespace ktl::oci
