#include "gate.h"

#include <gtest/gtest.h>

#include <future>

#include "oci/media_types.h"

namespace ktl::solver {
namespace {

Root manifest(const std::string& digest) { return {std::string(oci::kManifestType), digest, "{}"}; }
Root index(const std::string& digest) { return {std::string(oci::kIndexType), digest, "{}"}; }

TEST(Gate, AManifestWaitsUntilItIsAllowed) {
  std::promise<void> opened;
  Gate gate(false, [&] { opened.set_value(); });
  auto passed = std::async(std::launch::async, [&] { return gate.pass(manifest("sha256:a")); });
  opened.get_future().wait();
  EXPECT_EQ(passed.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  ASSERT_TRUE(gate.waiting().has_value());
  EXPECT_EQ(gate.waiting()->digest, "sha256:a");
  EXPECT_FALSE(gate.allowed("sha256:a"));
  ASSERT_TRUE(gate.resume(true, "").ok());
  EXPECT_TRUE(passed.get().ok());
  EXPECT_TRUE(gate.allowed("sha256:a"));
  EXPECT_FALSE(gate.waiting().has_value());
}

TEST(Gate, ARefusalNamesItsReason) {
  std::promise<void> opened;
  Gate gate(false, [&] { opened.set_value(); });
  auto passed = std::async(std::launch::async, [&] { return gate.pass(manifest("sha256:a")); });
  opened.get_future().wait();
  EXPECT_FALSE(gate.refusal().has_value());
  ASSERT_TRUE(gate.resume(false, "no licence").ok());
  const Status status = passed.get();
  EXPECT_EQ(status.code(), Code::kPermissionDenied);
  EXPECT_EQ(status.message(), "refused by ktl: no licence");
  EXPECT_FALSE(gate.allowed("sha256:a"));
  EXPECT_EQ(gate.refusal(), "no licence");
}

TEST(Gate, PartsOfAnIndexPassButTheIndexWaits) {
  std::promise<void> opened;
  Gate gate(true, [&] { opened.set_value(); });
  EXPECT_TRUE(gate.pass(manifest("sha256:part")).ok());
  EXPECT_FALSE(gate.allowed("sha256:part"));  // it was not judged, so it may not be the root
  auto passed = std::async(std::launch::async, [&] { return gate.pass(index("sha256:i")); });
  opened.get_future().wait();
  ASSERT_TRUE(gate.resume(true, "").ok());
  EXPECT_TRUE(passed.get().ok());
  EXPECT_TRUE(gate.allowed("sha256:i"));
}

TEST(Gate, AnIndexWaitsEvenWhereAManifestWasExpected) {
  std::promise<void> opened;
  Gate gate(false, [&] { opened.set_value(); });
  auto passed = std::async(std::launch::async, [&] { return gate.pass(index("sha256:i")); });
  opened.get_future().wait();
  gate.abort();
  EXPECT_EQ(passed.get().code(), Code::kCancelled);
}

TEST(Gate, TwoRootsWaitOneAfterTheOther) {
  std::promise<void> first;
  std::promise<void> second;
  int opened = 0;
  Gate gate(false, [&] { (opened++ == 0 ? first : second).set_value(); });
  auto a = std::async(std::launch::async, [&] { return gate.pass(manifest("sha256:a")); });
  first.get_future().wait();
  auto b = std::async(std::launch::async, [&] { return gate.pass(manifest("sha256:b")); });
  ASSERT_TRUE(gate.resume(true, "").ok());
  EXPECT_TRUE(a.get().ok());
  second.get_future().wait();
  EXPECT_EQ(gate.waiting()->digest, "sha256:b");
  EXPECT_FALSE(gate.allowed("sha256:b"));
  ASSERT_TRUE(gate.resume(false, "x").ok());
  EXPECT_EQ(b.get().code(), Code::kPermissionDenied);
}

TEST(Gate, ResumeWithoutAGateIsRefused) {
  Gate gate(false, [] {});
  EXPECT_EQ(gate.resume(true, "").code(), Code::kFailedPrecondition);
  gate.abort();
  EXPECT_EQ(gate.pass(manifest("sha256:a")).code(), Code::kCancelled);
}

}  // namespace
}  // namespace ktl::solver
