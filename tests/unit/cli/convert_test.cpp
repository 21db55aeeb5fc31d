#include "cli/request/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using testing::ElementsAre;

const Environment kEnvironment(Variables{{"FROM_ENV", "v\n2"}, {"EMPTY", ""}});
const Surroundings kSurroundings{kEnvironment, "/home/me/dir"};

std::string converted(Shape shape, std::vector<std::string> words) {
  Option option{.name = "flag", .value = Value::kRequired, .shape = shape};
  auto value = convert(option, {std::move(words), "flag"}, kSurroundings);
  return value.ok() ? json::serialize(*value) : value.status().message();
}

TEST(Convert, OneFunctionAShape) {
  EXPECT_EQ(converted(Shape::kBool, {"yes"}), "true");
  EXPECT_EQ(converted(Shape::kText, {"a", "b"}), R"("b")");
  EXPECT_EQ(converted(Shape::kInt, {"12"}), "12");
  EXPECT_EQ(converted(Shape::kWords, {"a,b", "c"}), R"(["a","b","c"])");
}

TEST(Convert, PathsAreAbsolute) {
  EXPECT_EQ(converted(Shape::kPath, {"../x/./Dockerfile"}), R"("/home/me/x/Dockerfile")");
  EXPECT_EQ(converted(Shape::kPath, {"/abs/"}), R"("/abs")");
  EXPECT_EQ(converted(Shape::kPath, {""}), "--flag needs a file name");
  EXPECT_EQ(absolute("/home/me/dir", "."), "/home/me/dir");
  EXPECT_EQ(absolute("/", "."), "/");
}

TEST(Convert, ArgumentsComeFromTheEnvironmentWhenBare) {
  EXPECT_EQ(converted(Shape::kArgs, {"A=1", "A=2", "FROM_ENV", "EMPTY", "UNSET", "E="}),
            R"({"A":"2","FROM_ENV":"v\n2","EMPTY":"","E":""})");
  EXPECT_EQ(converted(Shape::kArgs, {"=x"}), "--flag needs a name before \"=\"");
  EXPECT_EQ(converted(Shape::kLabels, {"a.b=1=2", "bare"}), R"({"a.b":"1=2","bare":""})");
}

TEST(Convert, ReadsQuotedRecords) {
  EXPECT_THAT(*split_record(R"(id=a,"src=x,y",z="b""c")"),
              ElementsAre("id=a", "src=x,y", R"(z=b"c)"));
  EXPECT_FALSE(split_record(R"(id=a,"src)").ok());
}

}  // namespace
}  // namespace ktl::cli
