#include "oci/config.h"

#include <gtest/gtest.h>

namespace ktl::oci {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'b');

TEST(ImageConfig, ReadsWhatRunsAndHowItCameAbout) {
  auto config = parse_config(
      R"({"os":"linux","architecture":"arm64","variant":"v8","created":"2026-01-01T00:00:00Z",)"
      R"("config":{"Env":["A=1"],"Entrypoint":["/e"],"Cmd":null,"Labels":{"l":"v"},"User":"7"},)"
      R"("rootfs":{"type":"layers","diff_ids":[")" +
      kDigest +
      R"("]},)"
      R"("history":[{"created_by":"RUN x"},{"created_by":"ENV A=1","empty_layer":true}]})");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->platform.str(), "linux/arm64/v8");
  EXPECT_EQ(config->env, std::vector<std::string>{"A=1"});
  EXPECT_EQ(config->labels.at("l"), "v");
  EXPECT_EQ(config->user, "7");
  EXPECT_EQ(config->diff_ids.at(0), kDigest);
  ASSERT_EQ(config->history.size(), 2U);
  EXPECT_FALSE(config->history[0].empty_layer);
  EXPECT_TRUE(config->history[1].empty_layer);
}

TEST(ImageConfig, RefusesDiffIdsThatAreNoDigests) {
  EXPECT_FALSE(parse_config(R"({"rootfs":{"diff_ids":["sha256:../../etc"]}})").ok());
  EXPECT_FALSE(parse_config("[]").ok());
}

}  // namespace
}  // namespace ktl::oci
