#include "jail/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "jail/path.h"
#include "machines.h"

namespace ktl::jail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Mount bound(const std::string& src, const std::string& dst, bool rw = false) {
  Mount mount;
  mount.src = src;
  mount.dst = dst;
  mount.rw = rw;
  mount.folder = std::filesystem::is_directory(src);
  mount.origin = "the bind " + src + ":" + dst;
  return mount;
}

Mount linked(const std::string& target, const std::string& dst) {
  Mount mount;
  mount.kind = MountKind::kSymlink;
  mount.src = target;
  mount.dst = dst;
  mount.origin = "p.cfg:1:1";
  return mount;
}

// "DST" of a folder made anew, "DST<SRC" of a bind, "DST->TARGET" of a link.
std::vector<std::string> shown(const std::vector<Mount>& mounts) {
  std::vector<std::string> out;
  for (const auto& mount : mounts) {
    const std::string sign = mount.kind == MountKind::kSymlink ? "->" : "<";
    out.push_back(mount.dst + (mount.kind == MountKind::kFilesystem ? "" : sign + mount.src));
  }
  return out;
}

TEST(Path, IsPlainOrNot) {
  EXPECT_TRUE(is_plain_path("/a/b"));
  EXPECT_TRUE(is_plain_path("/"));
  EXPECT_FALSE(is_plain_path("/a/../b"));
  EXPECT_FALSE(is_plain_path("/.."));
  EXPECT_FALSE(is_plain_path("a"));
  EXPECT_EQ(tidy_path("//a/./b//"), "/a/b");
  EXPECT_TRUE(is_within("/a/b", "/a"));
  EXPECT_FALSE(is_within("/ab", "/a"));
  EXPECT_EQ(below("/a/b/c", "/a"), "b/c");
}

TEST(Layout, LeavesWhatExistsAsItIs) {
  const Folder here;
  here.folder("context/etc");
  auto out = lay_out({bound(here / "context", "/w"), bound("/tmp", "/w/etc")}, {});
  ASSERT_TRUE(out.ok()) << out.status().to_string();
  EXPECT_EQ(out->size(), 2U);
}

TEST(Layout, MakesAFolderAnewThatHasNoRoomForABind) {
  const Folder here;
  here.file("c/Dockerfile");
  here.file("c/src/main.c");
  here.file("c/src/deep/x");
  std::filesystem::create_symlink("Dockerfile", here / "c/link");
  ::chmod((here / "c/src").c_str(), 0751);
  const std::string c = here / "c";
  auto out =
      lay_out({bound(c, "/w"), bound("/tmp", "/w/src/new/cfg"), bound("/usr", "/w/.docker")}, {});
  ASSERT_TRUE(out.ok()) << out.status().to_string();
  EXPECT_THAT(
      shown(*out),
      ElementsAre("/w", "/w/Dockerfile<" + c + "/Dockerfile", "/w/link->Dockerfile", "/w/src",
                  "/w/src/deep<" + c + "/src/deep", "/w/src/main.c<" + c + "/src/main.c",
                  "/w/src/new/cfg</tmp", "/w/.docker</usr"));
  EXPECT_EQ((*out)[3].options, "size=16M,mode=0751");
  EXPECT_FALSE((*out)[0].rw);
  EXPECT_FALSE((*out)[1].folder);
}

TEST(Layout, FollowsNoLinkOfTheContext) {
  const Folder here;
  here.folder("c");
  std::filesystem::create_symlink("/etc", here / "c/a");
  const auto out = lay_out({bound(here / "c", "/w"), bound("/tmp", "/w/a/x")}, {});
  EXPECT_EQ(out.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(out.status().message(), HasSubstr("a symbolic link"));
  EXPECT_FALSE(lay_out({bound(here / "c", "/w", true), bound("/tmp", "/w/a")}, {}).ok());
  EXPECT_FALSE(lay_out({bound(here / "c", "/w"), linked("x", "/w/a")}, {}).ok());
}

TEST(Layout, MountsInTheSteadOfALink) {
  const Folder here;
  here.file("c/f");
  std::filesystem::create_symlink("/etc/passwd", here / "c/a");
  auto out = lay_out({bound(here / "c", "/w"), bound("/tmp", "/w/a")}, {});
  ASSERT_TRUE(out.ok()) << out.status().to_string();
  EXPECT_THAT(shown(*out), ElementsAre("/w", "/w/f<" + (here / "c/f"), "/w/a</tmp"));
}

TEST(Layout, FollowsNoLinkOfThePolicy) {
  const auto out = lay_out({linked("/usr/lib", "/lib"), bound("/tmp", "/lib/x")}, {});
  EXPECT_THAT(out.status().message(), HasSubstr("behind the link /lib of p.cfg:1:1"));
}

TEST(Layout, MakesNothingInAWritableBind) {
  const Folder here;
  const auto out = lay_out({bound(here.path(), "/c", true), bound("/tmp", "/c/new")}, {});
  EXPECT_THAT(out.status().message(), HasSubstr("mounting there would make it on this machine"));
  EXPECT_FALSE(lay_out({bound(here.path(), "/c", true), linked("x", "/c/new")}, {}).ok());
}

TEST(Layout, RefusesAFolderInAFilesPlace) {
  const Folder here;
  here.file("c/f");
  EXPECT_THAT(lay_out({bound(here / "c", "/w"), bound("/tmp", "/w/f")}, {}).status().message(),
              HasSubstr("there is a file of"));
  EXPECT_THAT(lay_out({bound(here / "c", "/w"), bound("/tmp", "/w/f/g")}, {}).status().message(),
              HasSubstr("below a file"));
}

TEST(Layout, LooksAtTheMountThatIsSeenThere) {
  const Folder here;
  here.folder("a");
  here.folder("b/x");
  EXPECT_TRUE(
      lay_out({bound(here / "a", "/w", true), bound(here / "b", "/w", true), bound("/tmp", "/w/x")},
              {})
          .ok());
  EXPECT_FALSE(
      lay_out({bound(here / "b", "/w", true), bound(here / "a", "/w", true), bound("/tmp", "/w/x")},
              {})
          .ok());
}

TEST(Layout, BindsWhatIsMountedBelowAReadOnlyBindReadOnlyToo) {
  const Folder here;
  here.folder("c/inner");
  const std::string inner = here / "c/inner";
  auto out = lay_out({bound(here / "c", "/w")}, {"/", inner, here.path()});
  ASSERT_TRUE(out.ok());
  EXPECT_THAT(shown(*out), ElementsAre("/w<" + (here / "c"), "/w/inner<" + inner));
  EXPECT_EQ(lay_out({bound(here / "c", "/w", true)}, {inner})->size(), 1U);
}

TEST(Layout, IsBounded) {
  const Folder here("/dev/shm");  // so many files take seconds on a disk
  here.folder("c");
  for (int i = 0; i < 10'050; ++i) {
    std::filesystem::create_symlink("x", here / ("c/" + std::to_string(i)));
  }
  const auto out = lay_out({bound(here / "c", "/w"), bound("/tmp", "/w/new")}, {});
  EXPECT_EQ(out.status().code(), Code::kResourceExhausted);
  EXPECT_THAT(out.status().message(), HasSubstr("more than 10000 entries"));
}

}  // namespace
}  // namespace ktl::jail
