#include "gateway/failed_step.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "rpc_status.pb.h"

namespace ktl::solver {
namespace {

// google.rpc.Status with JSON details, as BuildKit sends it.
std::string details(const std::vector<std::pair<std::string, std::string>>& items) {
  google::rpc::Status status;
  for (const auto& [type, value] : items) {
    auto& any = *status.add_details();
    any.set_type_url("github.com/moby/buildkit/" + type);
    any.set_value(value);
  }
  return status.SerializeAsString();
}

// As protobuf's JSON has it: int64 as texts, enumerators by name, defaults left out.
constexpr const char* kSolve = R"({
  "inputIDs": ["in", "", ""], "mountIDs": ["w::root", "w::other", "", "", "", ""],
  "op": {
    "inputs": [{"digest": "sha256:a"}],
    "exec": {
      "meta": {"args": ["/bin/sh", "-c", "false"], "env": ["A=b", "PATH=/bin"], "cwd": "/work",
               "user": "1000:1000", "proxyEnv": {"httpsProxy": "http://p:1"},
               "extraHosts": [{"Host": "db", "IP": "10.0.0.1"}], "hostname": "box",
               "removeMountStubsRecursive": true},
      "mounts": [
        {"dest": "/"},
        {"input": "1", "dest": "/src", "selector": "sub", "readonly": true, "output": "-1"},
        {"input": "-1", "dest": "/c", "output": "-1", "mountType": "CACHE",
         "cacheOpt": {"ID": "id", "sharing": "LOCKED"}},
        {"input": "-1", "dest": "/run/secrets/s", "output": "-1", "mountType": "SECRET",
         "secretOpt": {"ID": "s", "uid": 7, "mode": 256, "optional": true}},
        {"input": "-1", "dest": "/a", "output": "-1", "mountType": "SSH", "SSHOpt": {"ID": "default"}},
        {"input": "-1", "dest": "/t", "output": "-1", "mountType": "TMPFS"}],
      "network": "HOST", "security": "INSECURE",
      "secretenv": [{"ID": "s", "name": "TOKEN", "optional": true}]},
    "platform": {"Architecture": "arm64", "OS": "linux", "Variant": "v8"},
    "constraints": {"filter": ["x==y"]}}})";

TEST(FailedStep, HasWhatTheStepHad) {
  const auto step = failed_step(details(
      {{"errdefs.Vertex+json", R"({"digest": "sha256:v"})"}, {"errdefs.Solve+json", kSolve}}));
  ASSERT_TRUE(step.ok()) << step.status().to_string();
  EXPECT_EQ(step->vertex, "sha256:v");
  const auto& container = step->container;
  ASSERT_EQ(container.mounts_size(), 6);
  EXPECT_EQ(container.mounts(0).dest() + " " + container.mounts(0).resultid(), "/ w::root");
  EXPECT_EQ(container.mounts(1).selector() + " " + container.mounts(1).resultid(), "sub w::other");
  EXPECT_TRUE(container.mounts(1).readonly());
  EXPECT_EQ(container.mounts(2).mounttype(), pb::CACHE);
  EXPECT_EQ(container.mounts(2).cacheopt().sharing(), pb::LOCKED);
  EXPECT_EQ(container.mounts(3).secretopt().id(), "s");
  EXPECT_EQ(container.mounts(3).secretopt().mode(), 256U);
  EXPECT_EQ(container.mounts(4).mounttype(), pb::SSH);
  EXPECT_EQ(container.mounts(4).sshopt().id(), "default");
  EXPECT_EQ(container.mounts(5).mounttype(), pb::TMPFS);
  EXPECT_EQ(container.network(), pb::HOST);
  EXPECT_EQ(container.platform().architecture() + container.platform().variant(), "arm64v8");
  EXPECT_EQ(container.constraints().filter(0), "x==y");
  EXPECT_EQ(container.extrahosts(0).host() + container.extrahosts(0).ip(), "db10.0.0.1");
  EXPECT_EQ(container.hostname(), "box");
  const auto& meta = step->process.meta();
  EXPECT_EQ(meta.args_size(), 0);
  EXPECT_EQ(std::vector<std::string>(meta.env().begin(), meta.env().end()),
            (std::vector<std::string>{"A=b", "PATH=/bin", "HTTPS_PROXY=http://p:1",
                                      "https_proxy=http://p:1"}));
  EXPECT_EQ(meta.cwd() + " " + meta.user(), "/work 1000:1000");
  EXPECT_TRUE(meta.removemountstubsrecursive());
  EXPECT_EQ(step->process.security(), pb::INSECURE);
  EXPECT_EQ(step->process.secretenv(0).name(), "TOKEN");
}

// The container of a step of `exec`'s fields.
Result<FailedStep> with(const std::string& exec) {
  return failed_step(details({{"errdefs.Solve+json", R"({"mountIDs": ["r"], "op": {"exec": {)"
                                                     R"("mounts": [{"dest": "/"}])" +
                                                         exec + "}}}"}}));
}

TEST(FailedStep, HasNoMoreThanTheStepHad) {
  EXPECT_EQ(with("")->container.network(), pb::UNSET);
  EXPECT_EQ(with("")->process.security(), pb::SANDBOX);
  EXPECT_EQ(with(R"(, "network": "NONE")")->container.network(), pb::NONE);
  EXPECT_EQ(with(R"(, "network": "NEW", "security": "NEW")")->container.network(), pb::NONE);
  EXPECT_EQ(with(R"(, "network": "NEW", "security": "NEW")")->process.security(), pb::SANDBOX);
}

TEST(FailedStep, OfSeveralTheOneWithResultsCounts) {
  const std::string without = R"({"op": {"exec": {"mounts": [{"dest": "/"}]}}})";
  const auto step =
      failed_step(details({{"errdefs.Solve+json", without}, {"errdefs.Solve+json", kSolve}}));
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->container.mounts(0).resultid(), "w::root");
}

TEST(FailedStep, AnythingElseIsNone) {
  for (const std::string& solve :
       {std::string("{}"), std::string("[]"), std::string(R"({"mountIDs": ["a"]})"),
        std::string(R"({"op": {"file": {}}, "mountIDs": ["a"]})"),
        std::string(R"({"op": {"exec": {"mounts": [{"dest": "/"}, {}]}}, "mountIDs": ["a"]})"),
        std::string(R"({"op": {"exec": {"mounts": 7}}, "mountIDs": 7})")}) {
    EXPECT_EQ(failed_step(details({{"errdefs.Solve+json", solve}})).status().code(),
              Code::kNotFound)
        << solve;
  }
  EXPECT_EQ(failed_step("").status().code(), Code::kNotFound);
  EXPECT_TRUE(with(R"(, "meta": [], "secretenv": [7], "network": 7)").ok());
}

}  // namespace
}  // namespace ktl::solver
