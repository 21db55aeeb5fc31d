#include <gmock/gmock.h>

#include "base/base64.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "core/document/schemas.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Signs whatever comes, or something else.
Result<json::value> sign(const json::value& document, const json::object& instead = {}) {
  const std::string payload =
      json::serialize(instead.empty() ? document.at("statement") : json::value(instead));
  return json::value{{"schema", "ktl.envelope/1"},
                     {"name", document.at("name")},
                     {"bundle", {{"dsseEnvelope", {{"payload", base64_encode(payload)}}}}}};
}

Result<json::value> sign_it(const json::value& document, const CallContext&) {
  return sign(document);
}

class Attest : public ::testing::Test {
 protected:
  Attest() {
    world_.request.tags = {"app"};
    world_.add_exporter("exporter");
  }
  void expect_nothing_exported(int exit) {
    EXPECT_EQ(world_.run().exit, exit);
    EXPECT_THAT(world_.calls_of({"stage", "commit"}), IsEmpty());
  }
  std::string kept(const std::string& path) const {
    auto text = read_file(world_.root / "state/records/test-build" / path, 1U << 20U);
    return text.ok() ? *text : text.status().to_string();
  }
  testing::World world_;
};

TEST_F(Attest, MakesJudgesThenSigns) {
  testing::FakePlugin& maker =
      world_.add_attester("maker").on("attest", testing::statements({"a", "b"}));
  maker.on("sign", sign_it);
  world_.add_policy("policy");
  EXPECT_EQ(world_.run().exit, 0);
  EXPECT_THAT(world_.calls_of({"next", "attest", "evaluate", "sign", "commit"}),
              ElementsAre("policy evaluate", "solver next", "maker attest", "policy evaluate",
                          "maker sign", "maker sign", "solver next", "exporter commit"));
  EXPECT_TRUE(check_document("subject-1", maker.last["attest"]).ok());
  const json::value record = world_.record();
  EXPECT_TRUE(check_document("record-1", record).ok());
  const json::value& first = record.at("statements").at(0);
  EXPECT_EQ(kept("statements/a"), json::serialize(testing::in_toto()));
  EXPECT_EQ(text_of(first, "name"), "a");
  EXPECT_EQ(text_of(first, "plugin"), "maker");
  EXPECT_EQ(text_of(first, "digest"), digest_of(kept("statements/a")));
  EXPECT_EQ(text_of(first.at("bundle"), "digest"), digest_of(kept("bundles/a")));
  EXPECT_EQ(world_.events("statement/1").size(), 2U);
}

TEST_F(Attest, WhoDoesNotSignLeavesItToTheFirstWhoDoes) {
  world_.add_attester("first").on("sign", sign_it);
  world_.add_attester("maker").on("attest", testing::statements({"a"}));
  world_.add_attester("last").on("sign", sign_it);
  EXPECT_EQ(world_.run().exit, 0);
  EXPECT_THAT(world_.calls_of({"sign"}), ElementsAre("maker sign", "first sign"));
  EXPECT_EQ(world_.record().at("statements").at(0).at("bundle").at("plugin"), "first");
}

TEST_F(Attest, WhatNobodySignsIsSaid) {
  world_.add_attester("maker").on("attest", testing::statements({"a"}));
  EXPECT_EQ(world_.run().exit, 0);
  EXPECT_FALSE(world_.record().at("statements").at(0).as_object().contains("bundle"));
  EXPECT_THAT(json::serialize(json::value_from(world_.events("message/1"))),
              HasSubstr("statement a is not signed"));
}

TEST_F(Attest, ANameIsUsedOnce) {
  world_.add_attester("one").on("attest", testing::statements({"a"}));
  world_.add_attester("two").on("attest", testing::statements({"a"}));
  expect_nothing_exported(8);
  EXPECT_THAT(json::serialize(world_.events("build.failed/1").at(0)),
              HasSubstr("two makes a statement a, and so did one"));
}

TEST_F(Attest, WithoutStatementsNothingIsExported) {
  world_.add_attester("maker").fail("attest", Code::kUnavailable);
  expect_nothing_exported(7);
}

TEST_F(Attest, WithoutASignatureNothingIsExported) {
  world_.add_attester("maker")
      .on("attest", testing::statements({"a"}))
      .fail("sign", Code::kUnavailable);
  world_.add_attester("other").on("sign", sign_it);
  expect_nothing_exported(7);
  EXPECT_THAT(world_.calls_of({"sign"}), ElementsAre("maker sign"));
  EXPECT_EQ(world_.record().at("statements").as_array().size(), 1U);
  EXPECT_EQ(kept("statements/a"), json::serialize(testing::in_toto()));
}

TEST_F(Attest, SigningSomethingElseIsNoSignature) {
  world_.add_attester("maker")
      .on("attest", testing::statements({"a"}))
      .on("sign", [](const json::value& document, const CallContext&) {
        return sign(document, {{"_type", "another"}});
      });
  expect_nothing_exported(7);
  EXPECT_THAT(json::serialize(world_.events("build.failed/1").at(0)),
              HasSubstr("what was signed is not the statement"));
}

TEST_F(Attest, APluginThatIsGoneIsNamed) {
  world_.add_attester("maker").fail("attest", Code::kInternal).dead = true;
  expect_nothing_exported(8);
}

TEST_F(Attest, AQuestionToTheFrontendIsNothingToStateAbout) {
  testing::World world;
  world.request.inputs.call.method = "lint";
  world.add_attester("maker").fail("attest", Code::kUnavailable);
  EXPECT_EQ(world.run().exit, 0);
}

TEST(SlsaLevel, IsWhatTheStatementsGive) {
  testing::World world;
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_EQ(world.record().at("isolation").at("slsa").at("level"), 0);
  testing::World other;
  json::object statement = testing::in_toto();
  statement["predicateType"] = "https://slsa.dev/provenance/v1";
  other.add_attester("attester")
      .on("attest",
          json::object{{"schema", "ktl.statements/1"},
                       {"statements", json::array{json::object{{"name", "provenance.intoto.json"},
                                                               {"statement", statement}}}}});
  other.run();
  EXPECT_EQ(other.record().at("isolation").at("slsa").at("level"), 1);
}

}  // namespace
}  // namespace ktl
