#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jail/behind.h"
#include "jail/machines.h"

extern "C" const ktl_plugin_draft sandbox_nsjail_entry;

namespace ktl::jail {
namespace {

using ::testing::HasSubstr;

class Probe : public ::testing::Test {
 protected:
  Probe() : host_(sandbox_nsjail_entry) { EXPECT_EQ(host_.create("{}"), KTL_OK); }
  ktl_status probe(const std::string& policy) {
    fence_["profile"] = here_.file("ci.cfg", policy);
    return host_.call(KTL_SANDBOX_ID, &ktl_sandbox_v1::probe, json::serialize(fence_));
  }

  Folder here_;
  json::object fence_ = a_fence("", here_.folder("context"));
  ktl::testing::FakeHost host_;
};

TEST_F(Probe, SaysWhatTheFenceWouldBeMadeOf) {
  fence_["runtime"] = "/bin/true";
  ASSERT_EQ(probe("name: \"mine\" clone_newuser: true mode: EXECVE"), KTL_OK) << host_.message();
  const json::object said = json::parse(host_.result()).as_object();
  EXPECT_EQ(said.at("runtime"), "/bin/true");
  EXPECT_EQ(said.at("policy"), "mine");
  EXPECT_EQ(said.at("native"), true);
  EXPECT_EQ(said.at("binds").as_array().size(), 2U);
}

TEST_F(Probe, NamesTheLineOfAFault) {
  EXPECT_EQ(probe("name: \"x\"\nclone_newnte: true"), KTL_INVALID_ARGUMENT);
  EXPECT_THAT(host_.message(), HasSubstr("ci.cfg:2:1: no field of a policy"));
  EXPECT_EQ(host_.next(), "did you mean \"clone_newnet\"?");
}

TEST_F(Probe, SaysHowToGetARuntime) {
  fence_["runtime"] = "/none/nsjail";
  EXPECT_EQ(probe(""), KTL_FAILED_PRECONDITION);
  EXPECT_THAT(host_.message(), HasSubstr("/none/nsjail is no program"));
  EXPECT_THAT(host_.next(), HasSubstr("install-nsjail"));
  fence_["runtime"] = "/usr/bin/bwrap";
  EXPECT_EQ(probe(""), KTL_FAILED_PRECONDITION);
}

TEST_F(Probe, FindsNoBindThatIsNotThere) {
  fence_["binds"] = json::array{{{"src", "/none"}, {"dst", "/x"}, {"mode", "ro"}}};
  EXPECT_EQ(probe(""), KTL_NOT_FOUND);
}

}  // namespace
}  // namespace ktl::jail
