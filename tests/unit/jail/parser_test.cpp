#include "jail/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fd.h"

namespace ktl::jail {
namespace {

using testing::HasSubstr;

Result<Message> parse(const std::string& text) { return parse_policy("p.cfg", text); }

// "WHERE: MESSAGE (NEXT)" of a text that must not load.
std::string fault_of(const std::string& text) {
  auto policy = parse(text);
  if (policy.ok()) {
    return "loads";
  }
  const Status status = policy.status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  return status.where() + ": " + status.message() + " (" + status.next() + ")";
}

TEST(PolicyParser, ReadsThePolicyOfTheDocumentsVerbatim) {
  const std::string file = KTL_SOURCE_DIR "/tests/data/sandbox/documents.cfg";
  auto policy = parse_policy(file, *read_file(file, kMaxPolicyBytes));
  ASSERT_TRUE(policy.ok()) << policy.status().to_string();
  EXPECT_EQ(policy->text("name"), "buildkit-ci");
  EXPECT_EQ(policy->text("mode"), "EXECVE");
  EXPECT_TRUE(policy->flag("clone_newuser"));
  EXPECT_FALSE(policy->flag("clone_newnet", true));
  EXPECT_EQ(policy->text("seccomp_string"), "DEFAULT ALLOW");
  ASSERT_EQ(policy->all("mount").size(), 8U);
  const Message& dev = policy->all("mount").back().group.front();
  EXPECT_EQ(dev.text("dst"), "/dev");
  EXPECT_TRUE(dev.flag("rw"));
  EXPECT_EQ(policy->all("mount").front().place.line, 14);
}

TEST(PolicyParser, KnowsEveryFormOfAValue) {
  auto policy = parse(
      "name: \"a\" 'b' # and on\n \"\\x41\\101\\u00e9\\n\"\n"
      "nice_level: -5, rlimit_as: 0x10; rlimit_core: 017 mode: 1 log_level: ERROR\n"
      "keep_env: True keep_caps: f silent: 1 daemon: 0\n"
      "envar: [\"A=1\", \"B\"] envar: \"C\" pass_fd: [3, 4,]\n"
      "mount [{dst: \"/a\"}, <dst: '/b' src_content: \"\\000x\">]\n"
      "exec_bin: { path: \"/bin/sh\" arg: \"-c\" }");
  ASSERT_TRUE(policy.ok()) << policy.status().to_string();
  EXPECT_EQ(policy->text("name"), "abAA\u00e9\n");
  EXPECT_EQ(static_cast<int64_t>(policy->number("nice_level")), -5);
  EXPECT_EQ(policy->number("rlimit_as"), 16U);
  EXPECT_EQ(policy->number("rlimit_core"), 15U);
  EXPECT_EQ(policy->text("mode"), "ONCE");
  EXPECT_TRUE(policy->flag("keep_env"));
  EXPECT_FALSE(policy->flag("keep_caps", true));
  EXPECT_EQ(policy->all("envar").size(), 3U);
  EXPECT_EQ(policy->all("pass_fd")[1].number, 4U);
  EXPECT_EQ(policy->all("mount")[1].group.front().text("src_content"), std::string("\0x", 2));
  EXPECT_EQ(policy->all("exec_bin")[0].group.front().text("path"), "/bin/sh");
}

TEST(PolicyParser, NamesThePlaceOfAFaultAndWhatWasMeant) {
  EXPECT_EQ(fault_of("name: \"x\"\n  clone_newnett: true"),
            "p.cfg:2:3: no field of a policy is called \"clone_newnett\" "
            "(did you mean \"clone_newnet\"?)");
  EXPECT_EQ(fault_of("mount { dst: \"/\" is_bnd: true }"),
            "p.cfg:1:18: no field of mount is called \"is_bnd\" (did you mean \"is_bind\"?)");
  EXPECT_EQ(fault_of("rw: true"),
            "p.cfg:1:1: no field of a policy is called \"rw\" (it belongs inside mount { })");
  EXPECT_EQ(fault_of("mount { dst: \"/\" mode: ONCE }"),
            "p.cfg:1:18: no field of mount is called \"mode\" "
            "(it belongs to the policy itself: is a brace missing before it?)");
  EXPECT_EQ(fault_of("mode: EXECV"),
            "p.cfg:1:7: \"mode\" is one of LISTEN, ONCE, RERUN, EXECVE, not \"EXECV\" "
            "(did you mean \"EXECVE\"?)");
}

TEST(PolicyParser, LetsAFieldThatStandsOnceStandOnce) {
  EXPECT_THAT(fault_of("cwd: \"/\"\n\ncwd: \"/\""),
              HasSubstr("p.cfg:3:1: \"cwd\" stands here a second time; the first is in line 1"));
  EXPECT_THAT(fault_of("mount { dst: \"/\" dst: \"/a\" }"), HasSubstr("a second time"));
  EXPECT_THAT(fault_of("cwd: [\"/\"]"), HasSubstr("has one value and no list"));
}

TEST(PolicyParser, RefusesWhatIsNotOfTheType) {
  EXPECT_THAT(fault_of("time_limit: 4294967296"), HasSubstr("a number from 0 to 4294967295"));
  EXPECT_THAT(fault_of("time_limit: -1"), HasSubstr("not \"-1\""));
  EXPECT_THAT(fault_of("nice_level: -2147483649"), HasSubstr("p.cfg:1:13"));
  EXPECT_THAT(fault_of("time_limit: 1.5"), HasSubstr("a whole number, not \"1.5\""));
  EXPECT_THAT(fault_of("rlimit_as: 08"), HasSubstr("a whole number"));
  EXPECT_THAT(fault_of("keep_env: 2"), HasSubstr("true or false"));
  EXPECT_THAT(fault_of("keep_env: \"true\""), HasSubstr("true or false"));
  EXPECT_THAT(fault_of("cwd: workspace"), HasSubstr("a text in quotes, not \"workspace\""));
  EXPECT_THAT(fault_of("mode: 4"), HasSubstr("one of LISTEN"));
  EXPECT_THAT(fault_of("cwd: \"/a\\0b\""), HasSubstr("holds a NUL"));
  EXPECT_THAT(fault_of("cwd: \"/a\\xff\""), HasSubstr("is not UTF-8"));
}

TEST(PolicyParser, RefusesWhatIsNoTextFormat) {
  EXPECT_THAT(fault_of("cwd \"/\""), HasSubstr("p.cfg:1:5: a colon has to stand after \"cwd\""));
  EXPECT_THAT(fault_of("mount { dst: \"/\""), HasSubstr("not the end of the file"));
  EXPECT_THAT(fault_of("mount { dst: \"/\" >"), HasSubstr("not \">\""));
  EXPECT_THAT(fault_of("mount { }"), HasSubstr("p.cfg:1:7: this mount has no \"dst\""));
  EXPECT_THAT(fault_of("cwd: \"/\n\""),
              HasSubstr("p.cfg:1:6: the text that begins here has no end"));
  EXPECT_THAT(fault_of("cwd: \"\\q\""), HasSubstr("no such escape: a backslash before 'q'"));
  EXPECT_THAT(fault_of("cwd: \"\\ud800\""), HasSubstr("no character has this number"));
  EXPECT_THAT(fault_of("cwd: \"\\777\""), HasSubstr("no octal number of a byte"));
  EXPECT_THAT(fault_of("[nsjail.ext]: 1"), HasSubstr("the name of a field has to stand here"));
  EXPECT_THAT(fault_of("{}"), HasSubstr("not \"{\""));
  EXPECT_THAT(fault_of("cwd: \"/\" }"), HasSubstr("not \"}\""));
  EXPECT_THAT(fault_of(std::string("cwd: \0", 6)), HasSubstr("the byte 0x00 has no meaning"));
  EXPECT_THAT(fault_of("envar: [[\"A\"]]"), HasSubstr("a list holds no lists"));
  EXPECT_THAT(fault_of("envar: [\"A\" ; \"B\"]"), HasSubstr("a comma or ]"));
  EXPECT_THAT(fault_of("nice_level: - ONCE"), HasSubstr("a value has to stand here"));
}

TEST(PolicyParser, IsBounded) {
  EXPECT_THAT(fault_of(std::string(kMaxPolicyBytes + 1, ' ')), HasSubstr("more than 1 MiB"));
  EXPECT_THAT(fault_of("cwd: \"" + std::string(70'000, 'x') + "\""), HasSubstr("more than 64 KiB"));
  std::string many;
  for (int i = 0; i < 10'001; ++i) {
    many += "cap:\"a\"\n";
  }
  EXPECT_THAT(fault_of(many), HasSubstr("p.cfg:10001:5: a policy of more than 10000 values"));
}

TEST(PolicyWriter, WritesWhatItReads) {
  const std::string text =
      "mount { dst: \"/\\303\\251\" fstype: \"tmpfs\" rw: true } nice_level: -3 mode: EXECVE "
      "clone_newnet: false envar: \"A=\\\"\\\\\\n\"";
  const std::string written = write_policy(*parse(text));
  EXPECT_EQ(written,
            "mode: EXECVE\nnice_level: -3\nenvar: \"A=\\\"\\\\\\012\"\nclone_newnet: false\n"
            "mount { dst: \"/\\303\\251\" fstype: \"tmpfs\" rw: true }\n");
  EXPECT_EQ(write_policy(*parse(written)), written);
}

}  // namespace
}  // namespace ktl::jail
