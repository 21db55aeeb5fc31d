#include "recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/materials.h"

namespace ktl::solver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::string kHex(64, 'a');
const std::string kCommit(40, 'c');

std::string provenance() {
  const json::object predicate{
      {"buildDefinition",
       {{"resolvedDependencies",
         {{{"uri", "https://a.example/f"}, {"digest", {{"sha256", kHex}}}},
          {{"uri", "https://a.example/r.git#main"}, {"digest", {{"sha1", kCommit}}}},
          {{"uri", "https://a.example/bad"}, {"digest", {{"sha256", "x"}}}}}}}},
      {"runDetails",
       {{"metadata",
         {{"buildkit_metadata",
           {{"network",
             {{"proxy",
               {{"incomplete",
                 {{{"method", "GET"},
                   {"uri", "https://a.example/p"},
                   {"reason", "partial_response"}}}}}}}}}}}}}}};
  return json::serialize(json::object{{"predicate", predicate}});
}

TEST(Materials, FilesCommitsAndWhatIsMissing) {
  EXPECT_THAT(materials_of({provenance()}),
              ElementsAre(Pair("https://a.example/f", "sha256:" + kHex)));
  EXPECT_THAT(commits_of({provenance()}),
              ElementsAre(Pair("https://a.example/r.git#main", kCommit)));
  EXPECT_THAT(incomplete_in({provenance()}),
              ElementsAre(Pair(Pair("GET", "https://a.example/p"), "partial_response")));
}

TEST(Materials, OfWhatCannotBeReadThereAreNone) {
  for (const char* text : {"", "{", "[]", "{\"predicate\": 1}", R"({"materials": [1, {}]})",
                           R"({"runDetails": {"metadata": []}})"}) {
    EXPECT_THAT(materials_of({text}), IsEmpty()) << text;
    EXPECT_THAT(commits_of({text}), IsEmpty()) << text;
    EXPECT_THAT(incomplete_in({text}), IsEmpty()) << text;
  }
}

Asked source(const std::string& identifier, const std::string& platform = "") {
  Asked asked{identifier, {}, false};
  asked.platform = platform;
  return asked;
}

TEST(Recording, NotesSourcesAndRequestsThatNoListHas) {
  Recording recording;
  recording.note(source("docker-image://a:1", "linux/amd64"));
  recording.note(source("docker-image://a:1", "linux/amd64"));
  recording.note(source("local://context"));
  recording.note({"http://a.example:80/1", {}, true});
  recording.note({"http://a.example/2", {}, true});
  recording.listed("http://a.example/1");
  const json::object document = recording.document({provenance()});
  const json::array& sources = document.at("sources").as_array();
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(text_of(sources[0], "identifier"), "docker-image://a:1");
  EXPECT_EQ(text_of(sources[0], "platform"), "linux/amd64");
  EXPECT_THAT(texts_of(document, "unlisted"), ElementsAre("http://a.example/2"));
  EXPECT_EQ(document.at("files").as_array().size(), 1U);
  EXPECT_EQ(document.at("commits").as_array().size(), 1U);
  EXPECT_TRUE(bool_of(document, "whole"));
}

TEST(Recording, SaysThatItWasTooMuch) {
  Recording recording;
  for (size_t i = 0; i <= Recording::kMost; ++i) {
    recording.note(source("docker-image://a:" + std::to_string(i)));
  }
  const json::object document = recording.document({});
  EXPECT_EQ(document.at("sources").as_array().size(), Recording::kMost);
  EXPECT_FALSE(bool_of(document, "whole"));
}

TEST(Recording, OfSeveralBuildersIsOne) {
  Recording one;
  Recording two;
  one.note(source("docker-image://a:1"));
  two.note(source("docker-image://b:1"));
  json::object all;
  merge_recordings(all, one.document({}));
  merge_recordings(all, two.document({}));
  EXPECT_EQ(all.at("sources").as_array().size(), 2U);
  EXPECT_TRUE(bool_of(all, "whole"));
}

TEST(Recording, OnlyWhenThePlanSaysSo) {
  EXPECT_TRUE(records(json::value{{"fence", {{"network", "record"}}}}));
  EXPECT_FALSE(records(json::value{{"fence", {{"network", "list"}}}}));
  EXPECT_FALSE(records(json::object()));
}

}  // namespace
}  // namespace ktl::solver
