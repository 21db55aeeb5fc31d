#include "distrust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::solver {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kStep = "[2/2] RUN make";
const std::string kPip =
    "Could not fetch URL https://files.test/simple/pkg/: There was a problem confirming the ssl "
    "certificate: HTTPSConnectionPool(host='files.test', port=443): Max retries exceeded with url: "
    "/simple/pkg/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]"
    " certificate verify failed: unable to get local issuer certificate (_ssl.c:992)'))) - "
    "skipping";

struct Case {
  const char* name;
  std::vector<std::string> tail;
  std::string client;
  std::string host;
  std::string variable;
};

class DistrustTest : public ::testing::TestWithParam<Case> {};

// As the programs print it: pip 23.0, requests 2.28, Python 3.11, npm 11, Node.js 20, Go 1.25,
// OpenJDK 17, curl 7.88, git 2.39.
INSTANTIATE_TEST_SUITE_P(
    Programs, DistrustTest,
    ::testing::Values(
        Case{"pip",
             {kPip, "ERROR: No matching distribution found for pkg"},
             "pip",
             "files.test",
             "PIP_CERT"},
        Case{
            "requests",
            {"requests.exceptions.SSLError: HTTPSConnectionPool(host='files.test', port=8443): Max "
             "retries exceeded with url: /x (Caused by SSLError(SSLCertVerificationError(1, '[SSL: "
             "CERTIFICATE_VERIFY_FAILED] certificate verify failed')))"},
            "a program with Python's requests",
            "files.test",
            "REQUESTS_CA_BUNDLE"},
        Case{"npm",
             {"npm error code UNABLE_TO_VERIFY_LEAF_SIGNATURE",
              "npm error errno UNABLE_TO_VERIFY_LEAF_SIGNATURE",
              "npm error request to https://files.test/pkg failed, reason: unable to verify the "
              "first certificate",
              "npm error A complete log of this run can be found in: /tmp/.npm/_logs/x.log"},
             "npm",
             "files.test",
             "NODE_EXTRA_CA_CERTS"},
        Case{"go",
             {"Get \"https://files.test:8443/x\": tls: failed to verify certificate: x509: "
              "certificate signed by unknown authority"},
             "a Go program",
             "files.test:8443",
             "SSL_CERT_FILE"},
        Case{"git",
             {"fatal: unable to access 'https://someone:secret@files.test/x.git/': server "
              "certificate verification failed. CAfile: none CRLfile: none"},
             "git",
             "files.test",
             "GIT_SSL_CAINFO"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_P(DistrustTest, IsToldByTheLog) {
  const auto found = distrust_in(GetParam().tail, kStep, {"a.example", "b.example"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->client, GetParam().client);
  EXPECT_EQ(found->host, GetParam().host);
  EXPECT_THAT(found->cure, HasSubstr("set " + GetParam().variable + " "));
  EXPECT_THAT(found->cure, HasSubstr("/etc/ssl/certs/ca-certificates.crt"));
}

TEST(Distrust, OfAHostThatTheLogDoesNotNameTheCommandTells) {
  const std::vector<std::string> tail = {
      "curl: (60) SSL certificate problem: unable to get local issuer certificate",
      "More details here: https://curl.se/docs/sslcerts.html"};
  const auto found = distrust_in(tail, "[2/2] RUN curl https://files.test:443/x | tar x", {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->client, "curl");
  EXPECT_EQ(found->host, "files.test");
  EXPECT_THAT(found->cure, HasSubstr("CURL_CA_BUNDLE"));
  EXPECT_EQ(distrust_in(tail, kStep, {})->host, "");
  EXPECT_EQ(distrust_in(tail, kStep, {"only.example"})->host, "only.example");
  EXPECT_EQ(distrust_in(tail, "RUN curl https://a/ https://b/", {"c", "d"})->host, "");
}

TEST(Distrust, JavaIsToldHowToMakeAStore) {
  std::vector<std::string> tail = {"Downloading from central: https://files.test/maven2/a.pom"};
  tail.insert(tail.end(), 40, "\tat java.base/sun.security.ssl.TransportContext.fatal(Unknown)");
  tail.insert(
      tail.begin() + 1,
      "Exception in thread \"main\" javax.net.ssl.SSLHandshakeException: PKIX path building "
      "failed: sun.security.provider.certpath.SunCertPathBuilderException");
  const auto found = distrust_in(tail, kStep, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->client, "Java");
  EXPECT_EQ(found->host, "files.test");
  EXPECT_THAT(found->cure, HasSubstr("keytool -importcert"));
  EXPECT_THAT(found->cure, HasSubstr("trustStorePassword"));
}

TEST(Distrust, IsNoReasonForAStepThatFailedOtherwise) {
  EXPECT_FALSE(distrust_in({}, kStep, {}));
  EXPECT_FALSE(distrust_in({"make: *** [all] Error 1", "https://files.test/"}, kStep, {}));
  std::vector<std::string> tail = {kPip};
  tail.insert(tail.end(), 100, "gcc -c x.c");
  EXPECT_FALSE(distrust_in(tail, kStep, {}));  // that was long before
}

json::object error_of(std::vector<std::string> tail) {
  return {{"message", "exit code: 1"},
          {"step", kStep},
          {"next", ""},
          {"log_tail", json::array(tail.begin(), tail.end())}};
}

TEST(Distrust, IsExplainedWhereStepsHaveTheProxy) {
  json::object error = error_of({kPip});
  explain_distrust({{"fence", {{"network", "list"}, {"allow", {"files.test"}}}}}, error);
  EXPECT_EQ(
      text_of(error, "message"),
      "step [2/2] RUN make: pip does not trust the certificate that the builder's proxy shows "
      "for files.test");
  EXPECT_THAT(std::string(text_of(error, "next")), HasSubstr("PIP_CERT"));
  EXPECT_THAT(std::string(text_of(error, "next")), Not(HasSubstr("--allow-network")));
  for (const char* network : {"open", "none"}) {
    json::object other = error_of({kPip});
    explain_distrust({{"fence", {{"network", network}}}}, other);
    EXPECT_EQ(text_of(other, "message"), "exit code: 1");
  }
}

// The proxy shows its certificate before anybody is asked about the host.
TEST(Distrust, AHostThatIsNotListedIsSaidToo) {
  json::object error = error_of({kPip});
  explain_distrust({{"fence", {{"network", "list"}, {"allow", {"a.example"}}}}}, error);
  EXPECT_THAT(std::string(text_of(error, "next")), HasSubstr("add files.test to --allow-network"));
}

}  // namespace
}  // namespace ktl::solver
