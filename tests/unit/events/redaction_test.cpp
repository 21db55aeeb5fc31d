#include "core/events/redaction.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Event log(std::string_view vertex, int stream, std::string_view text) {
  return {
      0, 0, "b", "log/1", {{"vertex", vertex}, {"stream", stream}, {"text", text}, {"time_ns", 1}}};
}

Event ends(std::string_view type, std::string_view vertex = "") {
  return {0, 0, "b", std::string(type), {{"vertex", vertex}}};
}

struct World {
  std::shared_ptr<redact::Values> values = std::make_shared<redact::Values>();
  Redaction redaction{values};

  World() { EXPECT_TRUE(values->add("hunter2hunter2").ok()); }

  // What is told of a piece at once.
  std::string told(std::string_view vertex, int stream, std::string_view text) {
    Event event = log(vertex, stream, text);
    const bool tell = redaction.take(event);
    const std::string rest(text_of(event.body, "text"));
    EXPECT_EQ(tell, !rest.empty());
    return rest;
  }
};

std::vector<std::string> texts(const std::vector<json::object>& bodies) {
  std::vector<std::string> out;
  for (const json::object& body : bodies) {
    out.emplace_back(text_of(body, "text"));
  }
  return out;
}

TEST(Redaction, JoinsThePiecesOfEachStepAndStream) {
  World world;
  EXPECT_EQ(world.told("v", 1, "x hunter2"), "x ");
  EXPECT_EQ(world.told("v", 2, "hunter2 "), "hunter2 ");
  EXPECT_EQ(world.told("w", 1, "hunter2 "), "hunter2 ");
  EXPECT_EQ(world.told("v", 1, "hunter"), "");
  EXPECT_EQ(world.told("v", 1, "2 y"), "*** y");
}

TEST(Redaction, HidesWhatComesLetterByLetter) {
  World world;
  std::string told;
  for (char c : std::string("a hunter2hunter2 b")) {
    told += world.told("v", 1, std::string(1, c));
  }
  EXPECT_EQ(told, "a *** b");
}

TEST(Redaction, TellsWhatItHeldBackWhenAStepOrTheBuildEnds) {
  World world;
  world.told("v", 1, "hunter2");
  world.told("v", 2, "hunt");
  world.told("w", 1, "hu");
  EXPECT_THAT(texts(world.redaction.before(ends("vertex.completed/1", "other"))), IsEmpty());
  EXPECT_THAT(texts(world.redaction.before(ends("vertex.completed/1", "v"))),
              ElementsAre("hunter2", "hunt"));
  EXPECT_THAT(texts(world.redaction.before(ends("build.failed/1"))), ElementsAre("hu"));
  EXPECT_THAT(texts(world.redaction.rest()), IsEmpty());
}

TEST(Redaction, HidesInTheOtherFieldsOfALogToo) {
  World world;
  Event event = log("hunter2hunter2", 1, "text");
  event.body["hunter2hunter2"] = "hunter2hunter2";
  EXPECT_TRUE(world.redaction.take(event));
  EXPECT_EQ(json::serialize(event.body),
            R"({"vertex":"***","stream":1,"text":"text","time_ns":1,"***":"***"})");
}

TEST(Redaction, OfALogWithoutTextIsNoFailure) {
  World world;
  Event event{0, 0, "b", "log/1", {{"text", 7}}};
  EXPECT_TRUE(world.redaction.take(event));
}

TEST(Redaction, HoldsForABoundedNumberOfSteps) {
  World world;
  for (int i = 0; i < 5000; ++i) {
    const std::string told = world.told("v" + std::to_string(i), 1, "hunter2");
    EXPECT_EQ(told, i < 4096 ? "" : "hunter2");
  }
  EXPECT_EQ(world.redaction.rest().size(), 4096U);
}

}  // namespace
}  // namespace ktl
