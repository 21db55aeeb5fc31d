#include "cli/render/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/events.h"
#include "cli/render/width.h"

namespace ktl::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kNow = 3'000'000'000;

// Steps and the groups they make, by events.
struct Scene {
  Steps steps{false};
  Groups groups;

  void take(const Event& event) {
    std::vector<std::string> lines;
    Step* step = event.type == "vertex.queued/1"    ? steps.queued(event)
                 : event.type == "vertex.started/1" ? steps.started(event)
                 : event.type == "log/1"            ? steps.log(event, lines)
                                                    : steps.completed(event);
    if (event.type != "log/1") {
      groups.add(*step);
    }
  }
  [[nodiscard]] std::vector<std::string> live(Size size) const {
    return View({.colours = false, .unicode = false}, size, kNow).live(groups, 0);
  }
};

Event queued(const std::string& vertex, const std::string& name) {
  return event("vertex.queued/1", R"({"vertex":")" + vertex + R"(","name":")" + name + "\"}");
}

Scene two_stages() {
  Scene scene;
  for (const Event& each : {
           queued("q", "[test 1/2] RUN test"),
           completed("i", "[internal] load build definition from Dockerfile"),
           completed("b1", "[build 1/3] FROM x", R"("cached":true,"error":"")"),
           started("b2", "[build 2/3] RUN make"),
           log("b2", "one\ntwo\nthree"),
           queued("b3", "[build 3/3] RUN install"),
       }) {
    scene.take(each);
  }
  return scene;
}

TEST(View, GroupsStepsByStage) {
  EXPECT_THAT(two_stages().live({60, 24}),
              ElementsAre("[+] Building 3.0s (2/6)       1 running, 3 queued, 1 cached",
                          " + [internal] load build definition from Dockerfile    1.2s",
                          " build                                        1/3, 1 cached",
                          " + [build 1/3] FROM x                                CACHED",
                          " > [build 2/3] RUN make                                2.0s",
                          "   | one",  //
                          "   | two",  //
                          "   | three", " . 1 queued", " . 2 queued in test"));
}

TEST(View, ShowsWhatMattersMostWhenRoomIsShort) {
  Scene scene = two_stages();
  EXPECT_THAT(scene.live({40, 6}),
              ElementsAre("[+] Building 3.0s (2/6)", " build                    1/3, 1 cached",
                          " > [build 2/3] RUN make            2.0s", "   | three", " . 1 queued"));
  for (size_t rows = 2; rows < 12; ++rows) {
    auto lines = scene.live({40, rows});
    EXPECT_LT(lines.size(), std::max<size_t>(rows, 3));
    for (const std::string& line : lines) {
      EXPECT_LT(width_of(line), 40U) << line;
    }
  }
}

TEST(View, AThousandStepsStayReadable) {
  Scene scene;
  for (int i = 1; i <= 1000; ++i) {
    std::string name = "[s 1/1000] RUN x";
    name.replace(3, 1, std::to_string(i));
    if (i < 900) {
      scene.take(completed("v" + std::to_string(i), name));
    } else {
      scene.take(started("v" + std::to_string(i), name));
    }
  }
  auto lines = scene.live({80, 24});
  ASSERT_EQ(lines.size(), 23U);
  EXPECT_TRUE(lines[0].starts_with("[+] Building 3.0s (899/1000)")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with(" > [s 900/1000] RUN x")) << lines[1];
}

TEST(View, KeepsWhatIsOver) {
  Scene scene = two_stages();
  View view({.colours = false, .unicode = true}, {40, 24}, kNow);
  const Group& build = scene.groups.all()[2];
  EXPECT_THAT(view.past(build, false),
              ElementsAre(" build                    1/3, 1 cached",  //
                          " ✔ [build 1/3] FROM x            CACHED"));
  scene.take(completed("b2", "[build 2/3] RUN make", R"("error":"exit code: 1")"));
  scene.take(completed("b3", "[build 3/3] RUN install", R"("error":"context canceled")"));
  build.steps[0]->shown = true;
  EXPECT_THAT(view.past(build, true), ElementsAre(" build          3 steps, 1 cached, 2.5s",
                                                  " ✘ [build 2/3] RUN make      ERROR 1.2s",
                                                  " ✘ [build 3/3] RUN install     CANCELED"));
  for (Step* step : build.steps) {
    step->shown = true;
  }
  EXPECT_THAT(view.past(build, true), IsEmpty());
}

TEST(View, CountsColumnsAndNotBytes) {
  Scene scene;
  scene.take(started("v", "[1/1] RUN echo 漢字漢字漢字漢字漢字漢字漢字漢字"));
  scene.take(log("v", "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"));
  for (const std::string& line : scene.live({33, 24})) {
    EXPECT_LE(width_of(line), 32U) << line;
  }
}

}  // namespace
}  // namespace ktl::cli
