#include "core/events/event.h"

#include <gmock/gmock.h>

#include "core/document/schemas.h"

namespace ktl {
namespace {

Event sample() { return {7, 42, "b\"1", "log/1", {{"text", "a\nb\x1b"}, {"stream", 1}}}; }

TEST(Event, IsOneValidLine) {
  std::string line = to_line(sample());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  auto document = parse_json(line);
  ASSERT_TRUE(document.ok()) << document.status().to_string();
  Status status = check_document("event-1", *document);
  EXPECT_TRUE(status.ok()) << status.to_string();
}

TEST(Event, SurvivesTheWayThroughALine) {
  auto read = event_from_line(to_line(sample()));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(to_line(*read), to_line(sample()));
  EXPECT_EQ(read->seq, 7U);
  EXPECT_EQ(read->build, "b\"1");
}

TEST(Event, RefusesALineThatIsNone) {
  EXPECT_FALSE(event_from_line("{\"seq\":1").ok());
  EXPECT_FALSE(event_from_line("{\"type\":\"log/1\"}").ok());
  EXPECT_FALSE(event_from_line("{\"type\":\"log/1\",\"body\":[]}").ok());
}

TEST(Event, WeighsAtLeastItsText) {
  Event event = sample();
  size_t before = weight_of(event);
  event.body["more"] = json::array{std::string(1000, 'x'), json::object{{"k", "v"}}};
  EXPECT_GE(weight_of(event), before + 1000);
}

TEST(Event, KnowsWhatMayBeLostFirst) {
  EXPECT_TRUE(is_bulk("log/1"));
  EXPECT_TRUE(is_bulk("vertex.progress/1"));
  EXPECT_FALSE(is_bulk("vertex.completed/1"));
  EXPECT_FALSE(is_bulk("build.failed/1"));
}

}  // namespace
}  // namespace ktl
