#include "builder/settings.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

TEST(Settings, SizesAreWholeNumbersWithAUnit) {
  EXPECT_EQ(*bytes_of("1B"), 1);
  EXPECT_EQ(*bytes_of("20GB"), int64_t{20} << 30);
  EXPECT_EQ(*bytes_of("1TB"), int64_t{1} << 40);
  for (const char* text : {"", "GB", "0GB", "-1GB", "1.5GB", "1 GB", "1gb", "7", "9999999TB",
                           "99999999999999999999B"}) {
    EXPECT_EQ(bytes_of(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Settings, ASizeMayBeAShareOfTheDisk) {
  EXPECT_TRUE(check_size("100%").ok());
  EXPECT_TRUE(check_size("5MB").ok());
  EXPECT_FALSE(check_size("101%").ok());
  EXPECT_FALSE(check_size("0%").ok());
  EXPECT_FALSE(check_size("%").ok());
}

TEST(Settings, ConfigurationBeatsDefaults) {
  Settings settings = settings_of(*parse_json(R"({"idle_seconds": 7, "keep_storage": "1GB"})"));
  EXPECT_EQ(settings.idle_seconds, 7);
  EXPECT_EQ(settings.keep_storage, "1GB");
  EXPECT_EQ(settings.min_free, Settings().min_free);
}

TEST(Settings, SurviveARoundTrip) {
  Settings settings{"default", "internet", 9, "3GB", "4%", {}, {5000}};
  EXPECT_EQ(settings_of(to_json(settings)), settings);
}

}  // namespace
}  // namespace ktl::builder
