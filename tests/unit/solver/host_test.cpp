#include "host.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <future>
#include <ktl/plugin.hpp>

namespace ktl::solver {
namespace {

std::atomic<bool> g_inside = false;  // a service of the host is running

ktl_status give_secret(ktl_call* /*call*/, ktl_str id, char* value, size_t* size) {
  if (view(id) == "slow") {
    g_inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    g_inside = false;
  }
  if (view(id) == "missing") {
    return KTL_NOT_FOUND;
  }
  std::memcpy(value, "value", 5);
  *size = 5;
  return KTL_OK;
}

const void* get(ktl_call* /*call*/, ktl_str id) {
  static const ktl_host_secret_v1 secrets{give_secret, nullptr};
  return view(id) == KTL_HOST_SECRET_ID ? &secrets : nullptr;
}

class CallHostTest : public ::testing::Test {
 protected:
  CallHostTest() { table_.get = get; }
  ktl_host table_{};
  Call call_{table_, nullptr};
  CallHost host_;
};

TEST_F(CallHostTest, UsesTheCallThatIsLent) {
  const CallHost::Loan loan(host_, call_);
  EXPECT_EQ(*host_.secret("x"), "value");
  EXPECT_EQ(host_.secret("missing").status().code(), Code::kNotFound);
  EXPECT_EQ(host_.credentials("ghcr.io").status().code(), Code::kUnimplemented);
}

TEST_F(CallHostTest, WaitsForALoan) {
  auto secret = std::async(std::launch::async, [this] { return host_.secret("x"); });
  EXPECT_EQ(secret.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  const CallHost::Loan loan(host_, call_);
  EXPECT_EQ(*secret.get(), "value");
}

TEST_F(CallHostTest, ALoanEndsAfterItsUsers) {
  std::future<Result<std::string>> secret;
  {
    const CallHost::Loan loan(host_, call_);
    secret = std::async(std::launch::async, [this] { return host_.secret("slow"); });
    while (!g_inside) {
      std::this_thread::yield();
    }
  }
  EXPECT_FALSE(g_inside);
  EXPECT_TRUE(secret.get().ok());
}

TEST_F(CallHostTest, CloseWakesWhoWaits) {
  auto secret = std::async(std::launch::async, [this] { return host_.secret("x"); });
  host_.close();
  EXPECT_EQ(secret.get().status().code(), Code::kCancelled);
  const CallHost::Loan loan(host_, call_);
  EXPECT_EQ(host_.secret("x").status().code(), Code::kCancelled);
}

TEST(Wipe, LeavesNothingInTheBuffer) {
  std::string value = "a secret that is longer than the small buffer of a string";
  const char* data = value.data();
  const size_t capacity = value.capacity();
  wipe(value);
  EXPECT_TRUE(value.empty());
  EXPECT_EQ(std::string(data, capacity), std::string(capacity, '\0'));
}

}  // namespace
}  // namespace ktl::solver
