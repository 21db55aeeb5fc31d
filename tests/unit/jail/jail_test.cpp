#include "jail/jail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "machines.h"

namespace ktl::jail {
namespace {

using testing::Contains;
using testing::HasSubstr;

class JailTest : public testing::Test {
 protected:
  Result<Jail> jail(const std::string& policy, const std::string& file = "ci.cfg") {
    fence_.profile = here_.file(file, policy);
    return make_jail(fence_, a_machine(), false);
  }
  std::string socket(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = here_ / name;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
    return path;
  }

  Folder here_;
  Fence fence_{"", "", here_.folder("context"), "/workspace", {}, true};
};

TEST_F(JailTest, PutsTheContextAndTheBindsAfterThePolicysMounts) {
  fence_.binds = {{"/usr", "/usr", false, false}, {"/none", "/none", true, true}};
  auto made = jail("mount { dst: \"/\" fstype: \"tmpfs\" } mount_proc: true");
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  ASSERT_EQ(made->mounts.size(), 4U);
  EXPECT_EQ(made->mounts[1].fstype, "proc");
  EXPECT_EQ(made->mounts[2].dst, "/workspace");
  EXPECT_FALSE(made->mounts[2].rw);
  EXPECT_EQ(made->mounts[3].dst, "/usr");
  EXPECT_EQ(made->name, "ci");
}

TEST_F(JailTest, NamesWhatDoesNotExist) {
  fence_.binds = {{"/none/such", "/x", false, false}};
  auto bind = jail("");
  EXPECT_EQ(bind.status().code(), Code::kNotFound);
  EXPECT_THAT(bind.status().message(), HasSubstr("/none/such, which the bind /none/such:/x wants"));
  fence_.binds = {};
  auto mount = jail("\nmount { src: \"/none/such\" dst: \"/x\" is_bind: true }");
  EXPECT_EQ(mount.status().code(), Code::kNotFound);
  EXPECT_THAT(mount.status().message(), HasSubstr("ci.cfg:2:7"));
  EXPECT_TRUE(
      jail("mount { src: \"/none/such\" dst: \"/x\" is_bind: true mandatory: false }").ok());
  fence_.context = here_ / "nowhere";
  EXPECT_THAT(jail("").status().message(), HasSubstr("which the build context wants"));
  fence_.context = here_.file("file");
  EXPECT_THAT(jail("").status().message(), HasSubstr("is no folder"));
}

TEST_F(JailTest, NamesAPolicyThatIsNotThere) {
  fence_.profile = here_ / "nowhere.cfg";
  auto made = make_jail(fence_, a_machine(), false);
  EXPECT_EQ(made.status().code(), Code::kNotFound);
  EXPECT_THAT(made.status().next(), HasSubstr("--sandbox-config"));
}

TEST_F(JailTest, HasAWorkingFolderWithoutAContext) {
  fence_.context = "";
  auto made = jail("");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->mounts.back().fstype, "tmpfs");
  EXPECT_EQ(made->mounts.back().dst, "/workspace");
}

TEST_F(JailTest, RefusesARuntimesSocketInAStrictJail) {
  const std::string path = socket("docker.sock");
  const std::string policy = "mount { src: \"" + path + "\" dst: \"/s\" is_bind: true rw: true }";
  auto strict = jail(policy, "linux-strict.cfg");
  EXPECT_EQ(strict.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(strict.status().message(), HasSubstr("linux-strict.cfg:1:7: a strict policy binds"));
  EXPECT_THAT(jail(policy)->notes, Contains(HasSubstr("as good as root on this machine")));
  EXPECT_FALSE(jail("name: \"my-strict\" " + policy).ok());
  fence_.binds = {{path, "/run/docker.sock", true, false}};
  EXPECT_THAT(jail("name: \"strict\"").status().message(),
              HasSubstr(path + ":/run/docker.sock shows the socket " + path + " in a strict jail"));
  EXPECT_THAT(jail("")->notes, Contains(HasSubstr("as good as root")));
}

TEST_F(JailTest, SaysThatAllOfDevIsVisible) {
  auto made = jail("mount { src: \"/dev\" dst: \"/dev\" is_bind: true rw: true }");
  EXPECT_THAT(made->notes, Contains(HasSubstr("all of this machine's /dev is visible inside, and "
                                              "writable")));
}

TEST_F(JailTest, PutsVariablesIntoPaths) {
  auto made = jail("mount { prefix_src_env: \"PROJECT\" src: \"/.\" dst: \"/t\" is_bind: true }");
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  EXPECT_EQ(made->mounts[0].src, "/tmp");
  EXPECT_THAT(
      jail("mount { prefix_dst_env: \"NO\" dst: \"/t\" fstype: \"tmpfs\" }").status().message(),
      HasSubstr("the variable NO of prefix_dst_env is not set"));
}

TEST_F(JailTest, RefusesMountsThatSayNothing) {
  EXPECT_THAT(jail("mount { dst: \"/t\" }").status().message(), HasSubstr("neither a bind"));
  EXPECT_THAT(jail("mount { dst: \"t\" fstype: \"tmpfs\" }").status().message(),
              HasSubstr("no absolute path"));
  EXPECT_THAT(jail("mount { dst: \"/a/../..\" fstype: \"tmpfs\" }").status().message(),
              HasSubstr("no absolute path"));
  EXPECT_THAT(jail("mount { src: \"x\" dst: \"/a\" is_bind: true }").status().where(),
              HasSubstr("ci.cfg:1:7"));
}

json::object fence_document(const std::string& context, const std::string& dst) {
  return {{"schema", "ktl.fence/1"},
          {"profile", "/p.cfg"},
          {"runtime", ""},
          {"context", context},
          {"workdir", "/workspace"},
          {"network", "none"},
          {"binds", {{{"src", "/usr"}, {"dst", dst}, {"mode", "rw"}}}}};
}

TEST(Fence, IsReadFromItsDocument) {
  auto fence = to_fence(fence_document("/c//d", "/workspace/x"));
  ASSERT_TRUE(fence.ok());
  EXPECT_EQ(fence->context, "/c/d");
  EXPECT_TRUE(fence->binds[0].rw);
  EXPECT_FALSE(fence->network);
}

TEST(Fence, HidesNotWhatItHasToShow) {
  EXPECT_THAT(to_fence(fence_document("/", "/x")).status().message(), HasSubstr("context is /"));
  EXPECT_THAT(to_fence(fence_document("/c", "/")).status().message(), HasSubstr("would hide"));
  EXPECT_THAT(to_fence(fence_document("/c", "/workspace")).status().message(),
              HasSubstr("would hide /workspace"));
  EXPECT_FALSE(to_fence(fence_document("/c", "/x/../..")).ok());
  EXPECT_FALSE(to_fence(fence_document("c", "/x")).ok());
}

TEST(Describe, SaysWhatThePolicyAsksFor) {
  Jail made{
      a_policy("clone_newuser: false clone_newnet: false cap: \"CAP_CHOWN\" rlimit_nofile: 9"),
      "ci",
      {},
      {},
      {"a note"}};
  const json::object said = describe(made, "/bin/nsjail", "", true);
  const std::string lines = json::serialize(said.at("lines"));
  EXPECT_THAT(lines,
              HasSubstr(R"({"control":"user_namespace","value":"host","evidence":"declared"})"));
  EXPECT_THAT(lines, HasSubstr(R"({"control":"pid_namespace","value":"own")"));
  EXPECT_THAT(lines, HasSubstr(R"({"control":"network","value":"host")"));
  EXPECT_THAT(lines, HasSubstr(R"({"control":"capabilities","value":"CAP_CHOWN")"));
  EXPECT_THAT(lines, HasSubstr(R"({"control":"limits","value":"nofile=9")"));
  EXPECT_EQ(json::serialize(said.at("notes")), R"(["a note"])");
}

}  // namespace
}  // namespace ktl::jail
