#include <gmock/gmock.h>

#include <csignal>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A plugin call during which the user presses Ctrl-C; the plugin then gives up as it should, or
// returns what it has.
struct Interruption {
  const char* plugin;
  const char* verb;
  bool gives_up;
};

TEST(Cancel, AtEveryCallEndsWith130AndReleasesEverything) {
  for (const Interruption& at : {
           Interruption{"exporter", "choose", true},
           Interruption{"solver", "connect", true},
           Interruption{"solver", "connect", false},
           Interruption{"solver", "begin", true},
           Interruption{"solver", "begin", false},
           Interruption{"solver", "next", true},
           Interruption{"scanner", "scan", true},
           Interruption{"scanner", "scan", false},
           Interruption{"exporter", "stage", true},
           Interruption{"exporter", "stage", false},
           Interruption{"exporter", "commit", true},
       }) {
    testing::World world;
    world.request.tags = {"app"};
    testing::FakePlugin& scanner = world.add_scanner("scanner");
    testing::FakePlugin& exporter = world.add_exporter("exporter");
    const std::string who = at.plugin;
    testing::FakePlugin& plugin = who == "solver"    ? world.solver
                                  : who == "scanner" ? scanner
                                                     : exporter;
    auto answer = plugin.answer(at.verb);
    plugin.on(at.verb, [&, answer](const json::value& document, const CallContext& context) {
      EXPECT_EQ(context.cancel, &world.cancel);
      world.cancel.cancel(SIGINT);
      return at.gives_up ? Result<json::value>(Status(Code::kCancelled, "stopped"))
                         : answer(document, context);
    });
    std::string what = who + " " + at.verb + (at.gives_up ? " stopped" : " went on");
    EXPECT_EQ(world.run().exit, 130) << what;
    EXPECT_EQ(world.record().at("outcome"), "cancelled") << what;
    EXPECT_THAT(world.record().at("receipts").as_array(), IsEmpty()) << what;
    bool begun = world.called("solver begin") && std::string(at.verb) != "begin";
    EXPECT_EQ(world.called("solver close"),
              begun || (std::string(at.verb) == "begin" && !at.gives_up))
        << what;
    EXPECT_EQ(world.called("exporter rollback"), world.called("exporter stage")) << what;
    EXPECT_EQ(world.called("exporter commit"), std::string(at.verb) == "commit") << what;
  }
}

TEST(Cancel, BeforeTheFirstStageNothingIsTouched) {
  testing::World world;
  world.cancel.cancel(SIGTERM);
  EXPECT_EQ(world.run().exit, 143);
  EXPECT_THAT(world.calls, IsEmpty());
}

TEST(Cancel, CleaningUpIsNotCancelled) {
  testing::World world;
  world.request.tags = {"app"};
  testing::FakePlugin& exporter = world.add_exporter("exporter");
  exporter.on("stage", [&](const json::value&, const CallContext&) {
    world.cancel.cancel(SIGINT);
    return Result<json::value>(Status(Code::kCancelled, "stopped"));
  });
  int uncancelled = 0;
  auto free_to_run = [&](const json::value&, const CallContext& context) {
    uncancelled += context.cancel == nullptr && context.deadline_ns != INT64_MAX ? 1 : 0;
    return Result<json::value>(json::object());
  };
  exporter.on("rollback", free_to_run);
  world.solver.on("close", free_to_run);
  EXPECT_EQ(world.run().exit, 130);
  EXPECT_EQ(uncancelled, 2);
}

TEST(Cancel, AfterEverythingIsVisibleItIsTooLate) {
  testing::World world;
  world.request.tags = {"app"};
  world.add_exporter("exporter");
  world.solver.on("close", [&](const json::value&, const CallContext&) {
    world.cancel.cancel(SIGINT);
    return Result<json::value>(json::object());
  });
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_THAT(world.calls_of({"rollback"}), IsEmpty());
}

}  // namespace
}  // namespace ktl
