#include "cli/render/transfers.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(Transfers, ShowsOneWithItsRate) {
  Transfers transfers;
  EXPECT_EQ(transfers.text(0), "");
  transfers.note("transferring context:", 0, 0, false, 0);
  EXPECT_EQ(transfers.text(0), "transferring context:");
  transfers.note("transferring context:", 3'000'000, 0, false, 2 * kSecond);
  EXPECT_EQ(transfers.text(2 * kSecond), "transferring context: 3.0MB 1.5MB/s");
  EXPECT_EQ(transfers.text(3 * kSecond), "transferring context: 3.0MB 1.0MB/s");
  transfers.note("transferring context:", 3'000'000, 0, true, 3 * kSecond);
  EXPECT_EQ(transfers.text(3 * kSecond), "");
  EXPECT_EQ(transfers.bytes_so_far(), 3'000'000);
}

TEST(Transfers, AddsUpSeveral) {
  Transfers transfers;
  transfers.note("sha256:a", 1000, 4000, false, 0);
  transfers.note("sha256:b", 2000, 2000, true, 0);
  transfers.note("sha256:c", 0, 0, false, 0);
  EXPECT_EQ(transfers.text(1), "1 of 3 done 3.0kB / 6.0kB");
}

TEST(Transfers, StandsWhatABuilderMaySay) {
  Transfers transfers;
  transfers.note("x", INT64_MIN, INT64_MAX, false, 0);
  transfers.note("y", INT64_MAX, INT64_MIN, false, 0);
  for (int i = 0; i < 5000; ++i) {
    transfers.note("id" + std::to_string(i), INT64_MAX, INT64_MAX, false, -i);
  }
  EXPECT_NE(transfers.text(kSecond), "");
  EXPECT_GT(transfers.bytes_so_far(), 0);
}

}  // namespace
}  // namespace ktl::cli
