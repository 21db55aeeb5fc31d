#include "jail/adapt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machines.h"

namespace ktl::jail {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct Adapted {
  Message policy;
  std::vector<std::string> notes;
  Status status;
};

Adapted adapted(const std::string& text, uid_t uid = 0, bool network = true) {
  Adapted out{a_policy(text), {}, {}};
  Fence fence;
  fence.workdir = "/workspace";
  fence.network = network;
  out.status = adapt(out.policy, "p.cfg", fence, a_machine(uid), out.notes);
  return out;
}

TEST(Adapt, RunsOnceWhereRootCannotReplaceItself) {
  const auto root = adapted("mode: EXECVE clone_newuser: true");
  EXPECT_EQ(root.policy.text("mode"), "ONCE");
  EXPECT_THAT(root.notes, ElementsAre(HasSubstr("gid_map: EPERM")));
}

TEST(Adapt, RunsOnceSoThatThePidNamespaceIsTheCommands) {
  const auto user = adapted("mode: EXECVE", 1000);
  EXPECT_EQ(user.policy.text("mode"), "ONCE");
  EXPECT_THAT(user.notes, ElementsAre(HasSubstr("pid namespace")));
  EXPECT_EQ(adapted("mode: EXECVE clone_newpid: false", 1000).policy.text("mode"), "EXECVE");
}

TEST(Adapt, GivesAnOrdinaryUserAUserNamespace) {
  const auto user = adapted("clone_newuser: false", 1000);
  EXPECT_TRUE(user.policy.flag("clone_newuser"));
  EXPECT_THAT(user.notes, ElementsAre(HasSubstr("a user namespace of its own is added")));
  EXPECT_FALSE(adapted("clone_newuser: false").policy.flag("clone_newuser", true));
}

TEST(Adapt, CutsTheNetworkWhateverThePolicySays) {
  const auto cut =
      adapted("clone_newnet: false user_net { enable: true } iface_own: \"eth1\"", 0, false);
  EXPECT_TRUE(cut.policy.flag("clone_newnet"));
  EXPECT_FALSE(cut.policy.has("user_net"));
  EXPECT_FALSE(cut.policy.has("iface_own"));
  EXPECT_THAT(cut.notes, Contains("the network is cut, although the policy leaves it open"));
  EXPECT_FALSE(adapted("clone_newnet: false").policy.flag("clone_newnet", true));
}

TEST(Adapt, DropsWhatIsNotThePolicysToSay) {
  const auto out = adapted(
      "exec_bin { path: \"/bin/sh\" } envar: \"A=1\" keep_env: true pass_fd: 3 log_fd: 1 "
      "log_file: \"/l\" silent: true cwd: \"/elsewhere\"");
  for (const char* field : {"exec_bin", "envar", "keep_env", "pass_fd", "log_fd", "silent"}) {
    EXPECT_FALSE(out.policy.has(field)) << field;
  }
  EXPECT_EQ(out.policy.text("cwd"), "/workspace");
  EXPECT_EQ(out.notes.size(), 8U);
  EXPECT_THAT(adapted("keep_env: false cwd: \"/workspace\"").notes, ElementsAre());
}

TEST(Adapt, RefusesWhatFencesNoWorker) {
  EXPECT_EQ(adapted("\n mode: LISTEN").status.where(), "p.cfg:2:8");
  EXPECT_EQ(adapted("mode: RERUN").status.code(), Code::kInvalidArgument);
  EXPECT_THAT(adapted("daemon: true").status.message(), HasSubstr("daemon"));
  EXPECT_THAT(adapted("clone_newns: false").status.message(), HasSubstr("mount namespace"));
  EXPECT_TRUE(adapted("daemon: false clone_newns: true").status.ok());
}

TEST(Adapt, FindsAFilterBesideItsPolicy) {
  const auto missing = adapted("seccomp_policy_file: \"none.kafel\"").status;
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_EQ(missing.where(), "p.cfg:1:22");
  EXPECT_THAT(adapted("seccomp_policy_file: \"a\" seccomp_string: \"b\"").status.message(),
              HasSubstr("exclude each other"));
}

}  // namespace
}  // namespace ktl::jail
