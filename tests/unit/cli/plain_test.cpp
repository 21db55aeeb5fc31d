#include "cli/render/plain.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

TEST(Plain, TellsABuildLineByLine) {
  MemoryConsole console;
  Plain plain(false, console);
  for (const Event& each : {
           started("v1", "[internal] load build definition from Dockerfile"),
           completed("v1", "[internal] load build definition from Dockerfile"),
           completed("v2", "[1/3] FROM scratch", R"("cached":true,"error":"")"),
           started("v3", "[2/3] RUN make"),
           log("v3", "cc a.c\ncc b"),
           started("v4", "[other 1/1] RUN \\u001b]0;evil\\u0007x"),
           log("v3", ".c\n\x1b[31mwarn\x1b[0m\n", 2),
           log("v3", "\x1b[2Jtail"),
           event("vertex.progress/1",
                 R"({"vertex":"v4","id":"pull","current":1500,"total":1500,"completed_ns":5})"),
           completed("v4", "[other 1/1] RUN \\u001b]0;evil\\u0007x"),
           completed("v3", "[2/3] RUN make", R"("cached":false,"error":"exit code: 1")"),
           message("warn", "disk is nearly full"),
           message("debug", "never shown"),
       }) {
    plain.on_event(each);
  }
  plain.finish();
  EXPECT_EQ(console.err_text,
            "#1 [internal] load build definition from Dockerfile\n"
            "#2 [1/3] FROM scratch\n"
            "#2 CACHED\n"
            "#3 [2/3] RUN make\n"
            "#3 | cc a.c\n"
            "#4 [other 1/1] RUN x\n"
            "#3 | .c\n"
            "#3 | warn\n"
            "#4 pull 1.5kB done\n"
            "#4 DONE 1.2s\n"
            "#3 | cc btail\n"
            "#3 ERROR: exit code: 1\n"
            "warning: [ktl.x] disk is nearly full\n");
  EXPECT_EQ(console.out_text, "");
}

TEST(Plain, ShowsWhatAnInterruptedStepLeft) {
  MemoryConsole console;
  Plain plain(false, console);
  plain.on_event(started("v1", "[1/1] RUN x"));
  plain.on_event(log("v1", "half a line"));
  plain.finish();
  EXPECT_EQ(console.err_text, "#1 [1/1] RUN x\n#1 | half a line\n");
}

TEST(Plain, SurvivesEventsWithoutTheirFields) {
  MemoryConsole console;
  Plain plain(false, console);
  for (const char* type : {"vertex.started/1", "vertex.completed/1", "log/1", "vertex.progress/1",
                           "warning/1", "push/1", "transfer/1", "no.such/9"}) {
    plain.on_event(event(type, R"({"vertex":7,"text":[],"source":1})"));
  }
  plain.finish();
  EXPECT_EQ(console.err_text, "warning: \n");
}

TEST(Plain, SaysAWarningOnce) {
  MemoryConsole console;
  Plain plain(false, console);
  Event warning = event("warning/1", R"({"vertex":"v","short":"Rule: text","url":"https://x/r",
                                         "source":{"file":"Dockerfile","start_line":3}})");
  plain.on_event(warning);
  plain.on_event(warning);
  EXPECT_EQ(console.err_text, "warning: Dockerfile:3: Rule: text (https://x/r)\n");
}

TEST(Plain, KeepsTheEndOfAProgressBar) {
  MemoryConsole console;
  Plain plain(false, console);
  plain.on_event(started("v1", "[1/1] RUN x"));
  for (const char* piece : {"get  1% [=>", "  ]\rget 50% [==> ]\r", "get 100% [====]\r\ndone\n"}) {
    plain.on_event(log("v1", piece));
  }
  EXPECT_EQ(console.err_text, "#1 [1/1] RUN x\n#1 | get 100% [====]\n#1 | done\n");
}

TEST(Plain, NamesCancelledSteps) {
  Step step;
  step.error = "rpc error: context canceled";
  EXPECT_EQ(outcome_of(step), "CANCELED");
}

}  // namespace
}  // namespace ktl::cli
