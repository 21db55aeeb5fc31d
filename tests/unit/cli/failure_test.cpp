#include "cli/render/failure.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

TEST(Failure, ShowsStepLinesLogAndAdvice) {
  json::value failed = json::parse(R"({"exit":1,"stage":"solve","plugin":"ktl.x",
    "message":"process \"/bin/sh -c false\" did not complete successfully: exit code: 1",
    "where":"Dockerfile:3","next":"",
    "error":{"step":"[2/3] RUN false","exit_code":1,
             "source":{"file":"Dockerfile","start_line":3,"end_line":4,"first_line":2,
                       "lines":["COPY a b","RUN echo \u001b[2Jno && \\","    false","CMD x"]},
             "log_tail":["one","\u001b]0;x\u0007two"],"next":"fix it"}})");
  EXPECT_EQ(failure_text(failed.get_object()),
            "Error: process \"/bin/sh -c false\" did not complete successfully: exit code: 1\n"
            "- step: [2/3] RUN false\n"
            "- location: Dockerfile:3\n"
            "      2 | COPY a b\n"
            "    > 3 | RUN echo no && \\\n"
            "    > 4 |     false\n"
            "      5 | CMD x\n"
            "- log:\n"
            "    one\n"
            "    two\n"
            "- next: fix it\n");
}

TEST(Failure, AWholeLogComesFirst) {
  json::value failed = json::parse(R"({"message":"exit code: 127","error":{"step":"[2/2] RUN x",
    "exit_code":127,"log_tail":["not shown"]}})");
  EXPECT_EQ(failure_text(failed.get_object(), {"one", "two"}),
            "log of [2/2] RUN x\n"
            "    one\n"
            "    two\n"
            "Error: exit code: 127\n"
            "- step: [2/2] RUN x\n"
            "- next: a program that the step runs is not in the image: install it in an earlier "
            "step\n");
}

TEST(Failure, NamesPluginAndPlaceWithoutAStep) {
  json::value failed = json::parse(
      R"({"exit":8,"plugin":"com.x","message":"m","where":"layer 2","next":"n","error":null})");
  EXPECT_EQ(failure_text(failed.get_object()),
            "Error: m\n- plugin: com.x\n- location: layer 2\n- next: n\n");
}

TEST(Failure, ShowsAStatus) {
  EXPECT_EQ(failure_text(Status(Code::kInvalidArgument, "bad tag").at("flag")), "Error: bad tag\n");
  Status status = Status(Code::kInvalidArgument, "unknown\nkey").at("ktl.yaml:3:1").advise("do x");
  EXPECT_EQ(failure_text(status), "Error: unknown key\n- location: ktl.yaml:3:1\n- next: do x\n");
}

}  // namespace
}  // namespace ktl::cli
