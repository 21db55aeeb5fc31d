#include "translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "base/fd.h"
#include "jail/machines.h"

namespace ktl::sandbox_bwrap {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

const std::string kPolicies = KTL_SOURCE_DIR "/sandbox/";

class Translation : public ::testing::Test {
 protected:
  Result<Words> translated(const std::string& policy, uid_t uid = 1000) {
    fence_.profile = here_.file("p.cfg", policy);
    return file_translated(uid);
  }
  Result<Words> file_translated(uid_t uid = 1000) {
    const jail::Machine machine = jail::a_machine(uid);
    auto made = jail::make_jail(fence_, machine, false);
    if (!made.ok()) {
      return made.status();
    }
    before_ = *prefix(*made, machine);
    return options(
        *made, machine, fence_.profile,
        [&](const std::string& text) {
          content_ = text;
          return 7;
        },
        [&](const std::string& bytes) {
          filter_ = bytes;
          return 8;
        });
  }
  // "WHERE: MESSAGE" of a policy that is refused.
  std::string refusal(const std::string& policy, uid_t uid = 1000) {
    auto words = translated(policy, uid);
    if (words.ok()) {
      return "translated";
    }
    EXPECT_EQ(words.status().code(), Code::kFailedPrecondition);
    return words.status().where().substr(here_.path().size() + 1) + ": " + words.status().message();
  }

  jail::Folder here_;
  jail::Fence fence_{"", "", "", "/workspace", {}, true};
  Words before_;
  std::string content_;
  std::string filter_;
};

TEST_F(Translation, TranslatesTheDefaultPoliciesInFull) {
  for (const char* name : {"linux-ci.cfg", "ktl-hermetic.cfg"}) {
    for (uid_t uid : {0, 1000}) {
      fence_.profile = kPolicies + name;
      auto words = file_translated(uid);
      EXPECT_TRUE(words.ok()) << words.status().to_string();
      EXPECT_THAT(before_, ElementsAre());
    }
  }
  fence_.profile = kPolicies + "linux-strict.cfg";
  const std::string refused = file_translated().status().to_string();
  EXPECT_THAT(refused, HasSubstr("cannot honour time_limit; "));
  for (const char* place : {"/proc", "/tmp", "/run", "/dev"}) {
    EXPECT_THAT(refused, HasSubstr(std::string("; noexec of ") + place + " (" + kPolicies));
  }
}

TEST_F(Translation, TranslatesNamespacesAndIdentity) {
  auto words = translated(
      "clone_newnet: false hostname: \"h\" uidmap { inside_id: \"5\" } "
      "skip_setsid: true cap: \"CAP_CHOWN\"");
  ASSERT_TRUE(words.ok()) << words.status().to_string();
  EXPECT_THAT(*words, IsSupersetOf({"--unshare-user", "--unshare-pid", "--hostname", "--uid", "5",
                                    "--cap-drop", "CAP_CHOWN", "--die-with-parent"}));
  EXPECT_THAT(*words, Not(Contains("--unshare-net")));
  EXPECT_THAT(*words, Not(Contains("--new-session")));
  EXPECT_THAT(*translated(""), IsSupersetOf({"--unshare-net", "--new-session"}));
  EXPECT_THAT(*translated("clone_newuser: false", 0), Not(Contains("--unshare-user")));
}

TEST_F(Translation, TranslatesMountsInTheirOrder) {
  auto words = translated(
      "clone_newuser: false clone_newpid: false clone_newipc: false clone_newuts: false\n"
      "clone_newnet: false clone_newcgroup: false skip_setsid: true\n"
      "mount { dst: \"/\" fstype: \"tmpfs\" rw: true options: \"size=2M,mode=0700\" }\n"
      "mount { dst: \"/p\" fstype: \"proc\" }\n"
      "mount { src: \"/dev/null\" dst: \"/dev/null\" is_bind: true }\n"
      "mount { src: \"/usr\" dst: \"/u\" is_bind: true rw: true }\n"
      "mount { src: \"u\" dst: \"/l\" is_symlink: true }\n"
      "mount { src_content: \"hello\" dst: \"/c\" }\n",
      0);
  ASSERT_TRUE(words.ok()) << words.status().to_string();
  EXPECT_THAT(*words,
              ElementsAre("--die-with-parent", "--cap-drop", "ALL", "--size", "2097152", "--perms",
                          "0700", "--tmpfs", "/", "--proc", "/p", "--dev-bind", "/dev/null",
                          "/dev/null", "--bind", "/usr", "/u", "--symlink", "u", "/l", "--perms",
                          "0644", "--ro-bind-data", "7", "/c", "--size", "16777216", "--perms",
                          "0755", "--tmpfs", "/workspace", "--remount-ro", "/p", "--remount-ro",
                          "/dev/null", "--remount-ro", "/workspace", "--chdir", "/workspace"));
  EXPECT_EQ(content_, "hello");
}

TEST_F(Translation, SetsLimitsBeforeItStarts) {
  ASSERT_TRUE(translated("rlimit_nofile: 9 rlimit_core_type: INF nice_level: 5").ok());
  EXPECT_THAT(before_, IsSupersetOf({"-n", "5", "--nofile=9", "--core=unlimited"}));
}

TEST_F(Translation, RefusesByNameWhatItCannotHonour) {
  EXPECT_EQ(refusal("name: \"x\"\ntime_limit: 60"),
            "p.cfg:2:13: bubblewrap cannot honour time_limit");
  EXPECT_EQ(refusal("cgroup_mem_max: 1"), "p.cfg:1:17: bubblewrap cannot honour cgroup_mem_max");
  EXPECT_THAT(refusal("seccomp_string: \"KILL { ptrace } DEFAULT ALLOW\""),
              HasSubstr("p.cfg:1:17: bubblewrap cannot honour a seccomp_string"));
  for (const auto& [filter, at] :
       std::map<std::string, std::string>{{"ERRNO(1) { ptrace } DEFAULT ALLOW", "at \"ptrace\""},
                                          {"ERRNO(1) { keyctl } DEFAULT KILL", "at \"KILL\""},
                                          {"ERRNO(1) { keyctl }", "at its end"},
                                          {"ERRNO(0) { keyctl } DEFAULT ALLOW", "at \")\""},
                                          {"ERRNO(1) { keyctl, } DEFAULT ALLOW", "at \"}\""},
                                          {"ERRNO(1) { SYSCALL[x] } DEFAULT ALLOW", "at \"x\""},
                                          {"DEFAULT ALLOW x", "at \"x\""}}) {
    EXPECT_THAT(refusal("seccomp_string: \"" + filter + "\""), HasSubstr(at)) << filter;
  }
  EXPECT_THAT(refusal("user_net { enable: true }"), HasSubstr("user_net"));
  EXPECT_THAT(refusal("uidmap { inside_id: \"0\" outside_id: \"100000\" count: 9 }"),
              HasSubstr("this uidmap"));
  EXPECT_THAT(refusal("uidmap { inside_id: \"5\" } clone_newuser: false", 0),
              HasSubstr("this uidmap"));
  EXPECT_THAT(refusal("disable_no_new_privs: true"), HasSubstr("disable_no_new_privs"));
  EXPECT_THAT(refusal("clone_newtime: true"), HasSubstr("clone_newtime"));
  EXPECT_THAT(refusal("hostname: \"h\" clone_newuts: false"), HasSubstr("hostname without"));
  EXPECT_THAT(refusal("cgroup_mem_swap_max: 0"), HasSubstr("cgroup_mem_swap_max"));
}

TEST_F(Translation, NamesAllThatItCannotHonour) {
  EXPECT_EQ(
      refusal("time_limit: 60 user_net { enable: true }\n"
              "mount { dst: \"/t\" fstype: \"tmpfs\" noexec: true options: \"huge=always\" }\n"
              "seccomp_string: \"KILL\""),
      "p.cfg:1:13: bubblewrap cannot honour time_limit; user_net (" + here_.path() +
          "/p.cfg:1:25); noexec of /t (" + here_.path() +
          "/p.cfg:2:7); the option \"huge=always\" of this tmpfs (" + here_.path() +
          "/p.cfg:2:7); a seccomp_string other than ERRNO(NUMBER) { CALL, ... } DEFAULT "
          "ALLOW, here at \"KILL\" (" +
          here_.path() + "/p.cfg:3:17)");
}

TEST_F(Translation, RefusesWhatItCannotMount) {
  EXPECT_EQ(refusal("mount { dst: \"/t\" fstype: \"tmpfs\" noexec: true }"),
            "p.cfg:1:7: bubblewrap cannot honour noexec of /t");
  EXPECT_THAT(refusal("mount { dst: \"/t\" fstype: \"tmpfs\" options: \"size=50%\" }"),
              HasSubstr("the option \"size=50%\""));
  EXPECT_THAT(refusal("mount { dst: \"/t\" fstype: \"tmpfs\" options: \"huge=always\" }"),
              HasSubstr("huge=always"));
  EXPECT_THAT(refusal("mount { dst: \"/t\" fstype: \"sysfs\" }"),
              HasSubstr("the file system sysfs"));
}

// What a call gives in a process that has the filter: 0, or its error.
int behind(const std::string& filter, long call) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<sock_filter> code(filter.size() / sizeof(sock_filter));
    std::memcpy(code.data(), filter.data(), filter.size());
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    const bool set = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    ::_exit(!set ? 255 : ::syscall(call, 0, 0, 0, 0, 0) < 0 ? errno : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST_F(Translation, CompilesAFilter) {
  auto words = translated(
      "seccomp_string: \"ERRNO(38) {keyctl,SYSCALL[\" seccomp_string: \"] } DEFAULT ALLOW\"");
  EXPECT_FALSE(words.ok());
  words = translated(
      "seccomp_string: \"ERRNO(38) {keyctl,SYSCALL[0x27]} ERRNO(7) { add_key }\"\n"
      "seccomp_string: \"DEFAULT ALLOW\"");
  ASSERT_TRUE(words.ok()) << words.status().to_string();
  EXPECT_THAT(*words, IsSupersetOf({"--seccomp", "8"}));
  EXPECT_EQ(behind(filter_, SYS_keyctl), 38);
  EXPECT_EQ(behind(filter_, SYS_add_key), 7);
  EXPECT_EQ(behind(filter_, 0x27), 38);
  EXPECT_EQ(behind(filter_, SYS_getuid), 0);
}

TEST_F(Translation, RefusesKeyringsAsTheDefaultPoliciesDo) {
  fence_.profile = kPolicies + "linux-ci.cfg";
  ASSERT_TRUE(file_translated().ok());
  for (const long call :
       std::vector<long>{SYS_add_key, SYS_keyctl, SYS_request_key, 0x400000f8, 0x400000fa}) {
    EXPECT_EQ(behind(filter_, call), EPERM) << call;
  }
}

TEST_F(Translation, HonoursWhatHasNoEffect) {
  EXPECT_EQ(refusal("time_limit: 0 cgroup_mem_swap_max: -1 port: 31337 use_cgroupv2: false "
                    "seccomp_string: \" DEFAULT\" seccomp_string: \"ALLOW\\n\" user_net {}"),
            "translated");
}

}  // namespace
}  // namespace ktl::sandbox_bwrap
