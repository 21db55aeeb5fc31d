#include "core/pipeline/gate.h"

#include <gmock/gmock.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

json::object gate_with(const std::string& bytes, const std::string& digest) {
  json::object gate = testing::gate_turn('a')["gate"].as_object();
  gate["solved"].as_object()["root"].as_object()["digest"] = digest;
  gate["root_bytes"] = bytes;
  return gate;
}

TEST(Gate, HoldsTheBytesThatItsDigestNames) {
  EXPECT_TRUE(check_gate(gate_with(base64_encode("{}"), digest_of("{}"))).ok());
  EXPECT_EQ(check_gate(gate_with(base64_encode("{ }"), digest_of("{}"))).code(), Code::kDataLoss);
  EXPECT_EQ(check_gate(gate_with("!", digest_of("{}"))).code(), Code::kInvalidArgument);
  EXPECT_EQ(check_gate(gate_with(std::string(6U << 20U, 'A'), digest_of("{}"))).code(),
            Code::kResourceExhausted);
}

TEST(Gate, IsRefusedWhenItIsOfAnotherKindOrHoldsNothing) {
  json::object other = testing::gate_turn('a')["gate"].as_object();
  other["kind"] = "source";
  EXPECT_EQ(check_gate(other).code(), Code::kDataLoss);
  json::object nothing = testing::gate_turn('a')["gate"].as_object();
  nothing["solved"].as_object()["root"] = nullptr;
  EXPECT_EQ(check_gate(nothing).code(), Code::kDataLoss);
}

TEST(Gate, OneSolverIsNeededAndNoMore) {
  StagePlugins plugins;
  EXPECT_EQ(solver_of(plugins).status().code(), Code::kUnavailable);
  std::vector<std::string> calls;
  testing::FakePlugin a("a", calls);
  testing::FakePlugin b("b", calls);
  plugins.solvers = {&a};
  EXPECT_EQ(*solver_of(plugins), &a);
  plugins.solvers = {&a, &b};
  Status status = solver_of(plugins).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), ::testing::HasSubstr("a and b"));
}

}  // namespace
}  // namespace ktl
