#include "cli/render/report.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

Event receipt(const std::string& kind, const std::string& path) {
  return event("receipt/1", R"({"kind":")" + kind + R"(","name":"app:dev","path":")" + path +
                                R"(","digest":"sha256:aa","size":1})");
}

TEST(Report, CountsTheUsersSteps) {
  Report report;
  report.on_event(completed("v1", "[internal] load metadata for docker.io/library/alpine:3"));
  report.on_event(completed("v2", "[1/2] FROM x", R"("cached":true,"error":"")"));
  report.on_event(completed("v3", "[build 2/2] RUN y"));
  report.on_event(completed("v4", "exporting to oci image format"));
  report.on_event(event("build.completed/1", R"({"exit":0,"duration_ns":1500000000})"));
  EXPECT_EQ(report.summary(), "Done in 1.5s: 2 steps, 1 cached, 1 run\n");
}

TEST(Report, PrintsReceipts) {
  Report report;
  report.on_event(receipt("store", "/store"));
  report.on_event(receipt("registry", ""));
  EXPECT_EQ(report.results(), "store sha256:aa app:dev /store\nregistry sha256:aa app:dev\n");
}

TEST(Report, SaysOnceThatStepsAreNotFenced) {
  Event connected = event("builder.connected/1",
                          R"({"steps_fenced":false,"note":"RUN steps are not fenced: b"})");
  Report silent;
  silent.on_event(connected);
  EXPECT_EQ(silent.summary(), "warning: RUN steps are not fenced: b\n");
  Report said;
  said.on_event(connected);
  said.on_event(message("warn", "RUN steps are not fenced: b"));
  EXPECT_EQ(said.summary(), "");
}

TEST(Report, KeepsTheFailure) {
  Report report;
  EXPECT_EQ(report.failure(), "");
  report.on_event(event("build.failed/1", R"({"exit":2,"message":"no","error":null})"));
  report.on_event(event("build.completed/1", R"({"exit":2,"duration_ns":1})"));
  EXPECT_EQ(report.failure(), "Error: no\n");
  EXPECT_EQ(report.summary(), "");
}

}  // namespace
}  // namespace ktl::cli
