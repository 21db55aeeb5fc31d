#include "progress.h"

#include <gtest/gtest.h>

namespace ktl::solver {
namespace {

using moby::buildkit::v1::StatusResponse;
using moby::buildkit::v1::Vertex;

Vertex& add_vertex(StatusResponse& message, int64_t started, int64_t completed) {
  Vertex& vertex = *message.add_vertexes();
  vertex.set_digest("sha256:v");
  vertex.set_name("[1/2] RUN x");
  if (started != 0) {
    vertex.mutable_started()->set_seconds(started);
  }
  if (completed != 0) {
    vertex.mutable_completed()->set_seconds(completed);
  }
  return vertex;
}

void add_log(StatusResponse& message, int64_t stream, const std::string& bytes) {
  auto& log = *message.add_logs();
  log.set_vertex("sha256:v");
  log.set_stream(stream);
  log.set_msg(bytes);
}

std::string text_in(const Event& event) { return std::string(text_of(event.body, "text")); }

TEST(ProgressLog, AnnouncesQueueStartAndEndOnce) {
  ProgressLog log;
  StatusResponse message;
  add_vertex(message, 0, 0);
  add_vertex(message, 10, 0);
  add_vertex(message, 10, 0);
  add_vertex(message, 10, 11).set_cached(true);
  add_vertex(message, 10, 11);
  const std::vector<Event> events = log.translate(message);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].type, "vertex.queued/1");
  EXPECT_EQ(text_of(events[0].body, "name"), "[1/2] RUN x");
  EXPECT_EQ(events[1].type, "vertex.started/1");
  EXPECT_EQ(int_of(events[1].body, "started_ns"), 10'000'000'000);
  EXPECT_EQ(events[2].type, "vertex.completed/1");
  EXPECT_EQ(text_of(events[2].body, "name"), "[1/2] RUN x");
  EXPECT_TRUE(bool_of(events[2].body, "cached"));
  EXPECT_EQ(int_of(events[2].body, "completed_ns"), 11'000'000'000);
  EXPECT_EQ(log.failed_vertex(), "");
}

TEST(ProgressLog, ARestartedStepIsAnnouncedAgain) {
  ProgressLog log;
  StatusResponse message;
  add_vertex(message, 10, 11);
  add_vertex(message, 12, 13).set_error("exit code: 7");
  EXPECT_EQ(log.translate(message).size(), 4U);
  EXPECT_EQ(log.failed_vertex(), "sha256:v");
  EXPECT_EQ(log.name_of("sha256:v"), "[1/2] RUN x");
}

TEST(ProgressLog, JoinsCharactersThatArriveInPieces) {
  ProgressLog log;
  StatusResponse message;
  add_log(message, 1, "gr\xc3");
  add_log(message, 2, "\xe2\x82");
  add_log(message, 1, "\xbc\xc3\x9f");
  add_log(message, 2, "\xac!");
  const std::vector<Event> events = log.translate(message);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(text_in(events[0]), "gr");
  EXPECT_EQ(text_in(events[1]), "\xc3\xbc\xc3\x9f");
  EXPECT_EQ(text_in(events[2]), "\xe2\x82\xac!");
  EXPECT_EQ(int_of(events[2].body, "stream"), 2);
}

TEST(ProgressLog, BinaryOutputBecomesValidUtf8) {
  ProgressLog log;
  StatusResponse message;
  add_log(message, 1, std::string("a\xff\x80z\n"));
  EXPECT_EQ(text_in(log.translate(message).at(0)), "a\xef\xbf\xbd\xef\xbf\xbdz\n");
}

TEST(ProgressLog, LargeOutputIsCutIntoPieces) {
  ProgressLog log;
  StatusResponse message;
  std::string bytes;
  while (bytes.size() < 200'000) {
    bytes += "\xe2\x82\xac";
  }
  add_log(message, 1, bytes);
  std::string joined;
  for (const Event& event : log.translate(message)) {
    EXPECT_LE(text_in(event).size(), 65'536U);
    joined += text_in(event);
  }
  EXPECT_EQ(joined, bytes);
}

TEST(ProgressLog, KeepsTheEndOfTheOutput) {
  ProgressLog log;
  StatusResponse message;
  for (int i = 1; i <= 3000; ++i) {
    add_log(message, 1 + i % 2, "line " + std::to_string(i) + "\r\n");
  }
  log.translate(message);
  const std::vector<std::string> tail = log.tail_of("sha256:v");
  ASSERT_GT(tail.size(), 20U);
  EXPECT_LT(tail.size(), 1000U);
  EXPECT_EQ(tail.back(), "line 3000");
  EXPECT_TRUE(log.tail_of("sha256:other").empty());
}

TEST(ProgressLog, TimesOfAHostileBuilderAreClamped) {
  ProgressLog log;
  StatusResponse message;
  add_vertex(message, INT64_MAX, 0);
  add_vertex(message, -5, 0);
  EXPECT_GT(int_of(log.translate(message).at(0).body, "started_ns"), 0);
}

TEST(ProgressLog, WarningsAndTransfersCarryTheirPlaces) {
  ProgressLog log;
  StatusResponse message;
  auto& warning = *message.add_warnings();
  warning.set_short_("JSONArgsRecommended");
  warning.add_detail("use JSON");
  warning.set_url("https://docs.docker.com/go/x");
  warning.mutable_info()->set_filename("Dockerfile");
  auto& range = *warning.add_ranges();
  range.mutable_start()->set_line(3);
  range.mutable_end()->set_line(4);
  auto& status = *message.add_statuses();
  status.set_id("sha256:layer");
  status.set_current(5);
  status.set_total(9);
  const std::vector<Event> events = log.translate(message);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type, "vertex.progress/1");
  EXPECT_EQ(int_of(events[0].body, "total"), 9);
  EXPECT_EQ(events[1].type, "warning/1");
  EXPECT_EQ(int_of(*field_of(events[1].body, "source"), "end_line"), 4);
}

// The requests that events tell of, "GET URL 200".
std::vector<std::string> requests_in(const std::vector<Event>& events) {
  std::vector<std::string> list;
  for (const Event& event : events) {
    if (event.type == "network.request/1") {
      list.push_back(std::string(text_of(event.body, "method")) + " " +
                     std::string(text_of(event.body, "url")) + " " +
                     std::to_string(int_of(event.body, "status")));
    }
  }
  return list;
}

constexpr const char* kList =
    "proxy network requests:\n- GET http://a/x -> 200\n- POST https://b/y -> 502\n";

TEST(ProgressLog, ReadsTheBuildersListOfRequests) {
  ProgressLog log;
  log.expect_requests();
  StatusResponse running;
  add_vertex(running, 10, 0);
  add_log(running, 2, "some output\nproxy network requ");
  EXPECT_TRUE(requests_in(log.translate(running)).empty());
  EXPECT_EQ(log.running(), std::vector<std::string>{"sha256:v"});
  StatusResponse ended;
  add_vertex(ended, 10, 11);
  add_log(ended, 2, std::string(kList).substr(18));
  EXPECT_EQ(requests_in(log.translate(ended)),
            (std::vector<std::string>{"GET http://a/x 200", "POST https://b/y 502"}));
  EXPECT_TRUE(requests_in(log.translate(StatusResponse())).empty());  // told once
  EXPECT_EQ(log.requests_of("sha256:v").size(), 2U);
  EXPECT_TRUE(log.is_listed("sha256:v"));
  EXPECT_TRUE(log.running().empty());
}

TEST(ProgressLog, OnlyTheLastListCounts) {
  ProgressLog log;
  log.expect_requests();
  StatusResponse message;
  add_vertex(message, 10, 11);
  add_log(message, 2, std::string(kList) + "more\n");
  add_log(message, 1, kList);
  EXPECT_TRUE(requests_in(log.translate(message)).empty());
  StatusResponse late;
  add_log(late, 2, "proxy network requests:\n- GET http://c/ -> 404\n");
  EXPECT_EQ(requests_in(log.translate(late)), std::vector<std::string>{"GET http://c/ 404"});
}

TEST(ProgressLog, AListThatMayBeCutOffIsNone) {
  ProgressLog log;
  log.expect_requests();
  StatusResponse message;
  add_vertex(message, 10, 11);
  add_log(message, 2, "\n[output clipped, log limit 2MiB reached]\n");
  log.translate(message);
  EXPECT_FALSE(log.is_listed("sha256:v"));
}

TEST(ProgressLog, TheListDoesNotPushOutWhatAStepSaidLast) {
  ProgressLog log;
  log.expect_requests();
  StatusResponse message;
  add_vertex(message, 10, 11);
  add_log(message, 2, "the reason\nproxy network requests:\n");
  for (int i = 0; i < 1000; ++i) {
    add_log(message, 2, "- GET http://a.example/" + std::to_string(i) + " -> 200\n");
  }
  log.translate(message);
  EXPECT_EQ(log.tail_of("sha256:v"), std::vector<std::string>{"the reason"});
  EXPECT_EQ(log.requests_of("sha256:v").size(), 1000U);
}

// A step of this name, as the builder tells of one; 0: not started, not ended.
void tell(ProgressLog& log, const std::string& digest, const std::string& name, int64_t started,
          int64_t completed) {
  StatusResponse message;
  auto& vertex = *message.add_vertexes();
  vertex.set_digest(digest);
  vertex.set_name(name);
  if (started != 0) {
    vertex.mutable_started()->set_seconds(started);
  }
  if (completed != 0) {
    vertex.mutable_completed()->set_seconds(completed);
  }
  log.translate(message);
}

TEST(ProgressLog, AStepOfThisBuildAloneIsNotShared) {
  ProgressLog log;
  tell(log, "sha256:d", "[internal] load build definition from Dockerfile", 10, 10);
  tell(log, "sha256:v", "[2/2] RUN x", 0, 0);
  tell(log, "sha256:v", "[2/2] RUN x", 11, 12);
  EXPECT_FALSE(log.is_shared("[2/2] RUN x"));
  EXPECT_FALSE(log.is_shared("[1/2] RUN y"));
}

TEST(ProgressLog, AStepThatAnotherBuildRanIsShared) {
  ProgressLog log;
  tell(log, "sha256:d", "[internal] load build definition from Dockerfile", 10, 10);
  tell(log, "sha256:v", "[2/2] RUN x", 0, 0);
  tell(log, "sha256:w", "[2/2] RUN x", 11, 12);  // joined: theirs ran, ours never starts
  EXPECT_TRUE(log.is_shared("[2/2] RUN x"));
  tell(log, "sha256:z", "[3/3] RUN z", 9, 12);  // the very same, which ran already
  EXPECT_TRUE(log.is_shared("[3/3] RUN z"));
}

TEST(ProgressLog, WithoutAFenceNothingIsRead) {
  ProgressLog log;
  StatusResponse message;
  add_vertex(message, 10, 11);
  add_log(message, 2, kList);
  EXPECT_TRUE(requests_in(log.translate(message)).empty());
}

}  // namespace
}  // namespace ktl::solver
