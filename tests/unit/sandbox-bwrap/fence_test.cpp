// Commands behind the real bubblewrap, as root and as an ordinary user.
#include <signal.h>

#include <fstream>

#include "jail/fence_cases.h"

extern "C" const ktl_plugin_draft sandbox_bwrap_entry;

namespace ktl::jail {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class BwrapFence : public Fenced {
 protected:
  BwrapFence() : Fenced(sandbox_bwrap_entry) {}
  const std::string ci_ = policy("linux-ci.cfg");
};

TEST_P(BwrapFence, ShowsNothingButWhatIsBound) {
  EXPECT_EQ(said(fence(ci_), "cd /; echo *; echo /dev/*; cd /workspace; echo *; pwd"),
            "b dev etc proc run tmp workspace\n"
            "/dev/fd /dev/full /dev/null /dev/random /dev/urandom /dev/zero\n"
            "Dockerfile src\n/workspace\n");
}

TEST_P(BwrapFence, IsAPidNamespaceOfItsOwn) {
  EXPECT_THAT(said(fence(ci_), "echo $$; cd /proc; echo [0-9]*"), MatchesRegex("[12]\n1?[ 2]*\n"));
}

TEST_P(BwrapFence, LeavesNoCapability) {
  const std::string status = said(fence(ci_), "while read l; do echo $l; done < /proc/self/status");
  EXPECT_THAT(status, HasSubstr("CapEff: 0000000000000000"));
  EXPECT_THAT(status, HasSubstr("CapPrm: 0000000000000000"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs: 1"));
  EXPECT_THAT(status, HasSubstr("Seccomp: 2"));
}

TEST_P(BwrapFence, CutsTheNetworkWhateverThePolicySays) {
  const std::string script = "while read l; do echo $l; done < /proc/net/dev";
  json::object open = fence(ci_);
  open["network"] = "none";
  const std::string cut = said(open, script);
  EXPECT_THAT(cut, HasSubstr("lo:"));
  EXPECT_THAT(cut, Not(HasSubstr("eth")));
  EXPECT_EQ(std::count(cut.begin(), cut.end(), ':'), 1);
  EXPECT_EQ(said(fence(policy("ktl-hermetic.cfg")), script), cut);
}

TEST_P(BwrapFence, LetsNobodyWriteTheContext) {
  const Ran ran = run(fence(ci_), "echo x > /workspace/new || echo x > /workspace/Dockerfile");
  EXPECT_NE(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("ead-only file system"));
  EXPECT_FALSE(std::filesystem::exists(here_ / "context/new"));
}

TEST_P(BwrapFence, LetsNobodyWriteWhatIsMountedInTheContext) {
  here_.folder("context/inner");
  if (!mount_tmpfs(here_ / "context/inner")) {
    GTEST_SKIP() << "only root can mount";
  }
  here_.file("context/inner/f", "hello");
  const Ran ran = run(fence(ci_), "read x < inner/f; echo $x; echo x > inner/new");
  ::umount2((here_ / "context/inner").c_str(), MNT_DETACH);
  EXPECT_EQ(ran.out, "hello\n") << ran.err << ran.log;
  EXPECT_NE(ran.code, 0);
}

TEST_P(BwrapFence, MakesNothingOnThisMachineForABindBelowTheContext) {
  here_.file("auth.json", "secret");
  std::filesystem::create_symlink("Dockerfile", here_ / "context/link");
  const json::object bound = fence(
      ci_,
      {{{"src", here_ / "auth.json"}, {"dst", "/workspace/.docker/config.json"}, {"mode", "ro"}}});
  EXPECT_EQ(said(bound,
                 "cd /workspace; read a < .docker/config.json; echo $a; read b < link; "
                 "echo $b; read c < src/a; echo $c; echo *"),
            "secret\nFROM scratch\na\nDockerfile link src\n");
  EXPECT_FALSE(std::filesystem::exists(here_ / "context/.docker"));
  EXPECT_NE(run(bound, "echo x > /workspace/x").code, 0);
  EXPECT_NE(run(bound, "echo x > /workspace/src/x").code, 0);
}

TEST_P(BwrapFence, HandsOverExactlyTheDescriptorsThatAreKept) {
  const int kept = ::open((here_ / "context/src/a").c_str(), O_RDONLY | O_CLOEXEC);
  const Ran ran =
      run(fence(ci_), "read x <&17; echo $x; cd /proc/self/fd; echo *", {}, {{17, kept}});
  ::close(kept);
  EXPECT_THAT(ran.out, MatchesRegex("a\n0 1 17 2( 3)?\n")) << ran.log;
}

TEST_P(BwrapFence, GivesExactlyTheEnvironment) {
  const Ran ran = run(fence(ci_), "while read -r l; do echo \"$l\"; done < /proc/self/environ",
                      {{"A", "1 \"x\"\\"}, {"PATH", "/b"}});
  std::string environment = ran.out;
  EXPECT_EQ(ran.code, 0) << ran.log;
  // No line end in environ: read fails with the last, and prints nothing; so ask the shell.
  EXPECT_EQ(run(fence(ci_), "echo \"$A|$PATH|$HOME\"", {{"A", "1 \"x\"\\"}, {"PATH", "/b"}}).out,
            "1 \"x\"\\|/b|\n");
}

TEST_P(BwrapFence, PassesTheExitCodeAndKeepsTheLogApart) {
  const Ran ran = run(fence(ci_), "echo out; echo err >&2; exit 37");
  EXPECT_EQ(ran.code, 37);
  EXPECT_EQ(ran.out, "out\n");
  EXPECT_EQ(ran.err, "err\n");
  EXPECT_THAT(ran.log, HasSubstr("\"exit-code\": 37"));
}

TEST_P(BwrapFence, StartsWithThePolicyOfTheDocuments) {
  const Ran ran =
      run(fence(policy_of_documents()),
          "echo $$; echo /workspace/*; exec 3>/tmp/x; echo y >&3; read z < /tmp/x; echo $z");
  EXPECT_EQ(ran.out, "2\n/workspace/Dockerfile /workspace/src\ny\n") << ran.log;
  EXPECT_EQ(ran.code, 0);
}

TEST_P(BwrapFence, EndsItsCommandWhenItIsKilled) {
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  Behind behind{
      plugin_, fence(ci_),     shell("echo up >&9; while true; do read x < /dev/zero; done"),
      {},      {{9, pipe[1]}}, uid_,
      false};
  behind.run();
  ::close(pipe[1]);
  char up[3];
  ASSERT_EQ(::read(pipe[0], up, 3), 3);
  ::kill(behind.pid, SIGKILL);
  ::waitpid(behind.pid, nullptr, 0);
  char none = 0;
  EXPECT_EQ(::read(pipe[0], &none, 1), 0);  // its end of the pipe is closed: it is gone
  ::close(pipe[0]);
}

INSTANTIATE_TEST_SUITE_P(Root, BwrapFence, ::testing::Values(0));
INSTANTIATE_TEST_SUITE_P(User, BwrapFence, ::testing::Values(54321));

}  // namespace
}  // namespace ktl::jail
