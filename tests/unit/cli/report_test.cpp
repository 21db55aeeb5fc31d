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
  EXPECT_EQ(report.summary({}),
            "Done in 1.5s: 1 of 2 steps cached\n"
            "- stages: build 1.2s\n"
            "- longest: 1.2s [build 2/2] RUN y\n");
}

TEST(Report, SaysNoTimeWhenAllWasCached) {
  Report report;
  report.on_event(completed("v1", "[1/1] RUN y", R"("cached":true,"error":"")"));
  report.on_event(receipt("store", "/store"));
  report.on_event(event("build.completed/1", R"({"exit":0,"duration_ns":1500000000})"));
  EXPECT_EQ(report.summary({}), "Done: 1 of 1 steps cached\n");
  EXPECT_EQ(report.summary({.receipts = true}),
            "Done: 1 of 1 steps cached\n- app:dev sha256:aa (store: /store)\n");
}

TEST(Report, SaysWarningsOnceWhenAsked) {
  Report report;
  for (int i = 0; i < 3; ++i) {
    report.on_event(event("warning/1", R"({"short":"Rule: text"})"));
  }
  EXPECT_EQ(report.summary({.warnings = true}), "warning: Rule: text\n");
  EXPECT_EQ(report.summary({}), "");
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
  EXPECT_EQ(silent.summary({}), "warning: RUN steps are not fenced: b\n");
  Report said;
  said.on_event(connected);
  said.on_event(message("warn", "RUN steps are not fenced: b"));
  EXPECT_EQ(said.summary({}), "");
}

TEST(Report, KeepsTheFailure) {
  Report report;
  EXPECT_EQ(report.failure({}), "");
  report.on_event(event("build.failed/1", R"({"exit":2,"message":"no","error":null})"));
  report.on_event(event("build.completed/1", R"({"exit":2,"duration_ns":1})"));
  EXPECT_EQ(report.failure({}), "Error: no\n");
  EXPECT_EQ(report.summary({}), "");
}

TEST(Report, HasAllThatTheFailedStepWrote) {
  Report report;
  report.on_event(started("v1", "[1/2] RUN x"));
  for (int i = 0; i < 100; ++i) {
    report.on_event(log("v1", "line " + std::to_string(i) + "\x1b[2J\n"));
  }
  report.on_event(log("v2", "of another step\n"));
  report.on_event(completed("v1", "[1/2] RUN x", R"("error":"exit code: 1")"));
  report.on_event(event("build.failed/1", R"({"message":"no","error":{"step":"[1/2] RUN x",
                                             "vertex":"v1","log_tail":["line 99"]}})"));
  std::string text = report.failure({.log = true});
  EXPECT_TRUE(text.starts_with("log of [1/2] RUN x\n    line 0\n")) << text;
  EXPECT_NE(text.find("    line 99\nError: no\n- step: [1/2] RUN x\n"), std::string::npos);
  EXPECT_EQ(text.find("another"), std::string::npos);
  EXPECT_EQ(report.failure({}), "Error: no\n- step: [1/2] RUN x\n- log:\n    line 99\n");
}

}  // namespace
}  // namespace ktl::cli
