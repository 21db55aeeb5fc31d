#include <gmock/gmock.h>

#include "core/document/plan.h"
#include "core/document/record.h"
#include "core/document/request.h"
#include "core/document/schemas.h"

namespace ktl {
namespace {

Request full_request() {
  Request request;
  request.context = "/c";
  request.file = "/c/Dockerfile";
  request.target = "t";
  request.platforms = {"linux/amd64"};
  request.tags = {"a", "b:1"};
  request.build_args = {{"K", "V"}};
  request.labels = {{"L", ""}};
  request.secrets = {{"npm", "/f", ""}, {"T", "", "TOKEN"}};
  request.ssh = {{"default", ""}};
  request.no_cache = true;
  request.pull = true;
  request.network = "none";
  request.builder = "unix:///b";
  request.authfile = "/auth";
  request.quiet = true;
  request.progress = "plain";
  request.iidfile = "/iid";
  request.metadata_file = "/meta";
  request.plugins = {json::object{{"id", "x"}}};
  request.options = {{"ktl.export.oci", json::object{{"push", true}}}};
  request.origin = {{"tags", "flag"}};
  return request;
}

TEST(Request, SurvivesTheWayThroughJson) {
  json::object document = to_json(full_request());
  auto read = request_from_json(document);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(to_json(*read), document);
}

TEST(Request, IsCheckedBeforeItIsRead) {
  json::object document = to_json(full_request());
  document["no_cache"] = "yes";
  EXPECT_EQ(request_from_json(document).status().code(), Code::kInvalidArgument);
}

Plan small_plan() {
  Plan plan;
  plan.name = "app";
  plan.context_dir = "/c";
  plan.dockerfile_dir = "/c";
  plan.dockerfile_name = "Dockerfile";
  plan.dockerfile_digest = "sha256:" + std::string(64, '0');
  plan.platforms = {"linux/arm/v7"};
  plan.stages = {{"build", 0, "scratch", 1, {}, true}, {"", 1, "build", 2, {0}, true}};
  plan.sources = {{"image", "docker.io/library/alpine:3", 1}};
  plan.shared_key = "k";
  return plan;
}

TEST(Plan, IsValidAndNamedByItsContent) {
  json::object document = to_json(small_plan());
  Status status = check_document("plan-1", document);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(digest_of_plan(document), digest_of_plan(to_json(small_plan())));
  Plan other = small_plan();
  other.args["K"] = "V";
  EXPECT_NE(digest_of_plan(document), digest_of_plan(to_json(other)));
}

TEST(Plan, PinsArePartOfItsName) {
  Plan plan = small_plan();
  plan.pins = {{"docker.io/library/alpine:3", "sha256:" + std::string(64, '1')}};
  const json::object document = to_json(plan);
  Status status = check_document("plan-1", document);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_NE(digest_of_plan(document), digest_of_plan(to_json(small_plan())));
  EXPECT_EQ(document.at("pins").at(0).at("ref"), "docker.io/library/alpine:3");
  plan.pins["docker.io/library/alpine:3"] = "3";
  EXPECT_FALSE(check_document("plan-1", to_json(plan)).ok());
}

TEST(Record, TellsOfStatementsAndWhoSignedThem) {
  const std::string digest = "sha256:" + std::string(64, '1');
  Record record;
  record.id = "id";
  record.outcome = "done";
  record.statements = {{"a", "maker", digest, "signer", digest}, {"b", "maker", digest, "", ""}};
  const json::object document = to_json(record);
  Status status = check_document("record-1", document);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(document.at("statements").at(0).at("bundle").at("plugin"), "signer");
  EXPECT_FALSE(document.at("statements").at(1).as_object().contains("bundle"));
}

TEST(Record, IsValidWhenABuildGotNowhereAndWhenItIsDone) {
  Record record;
  record.id = "id";
  record.outcome = "failed";
  record.exit = 2;
  EXPECT_TRUE(check_document("record-1", to_json(record)).ok());
  record.plugins = {{"ktl.solver.buildkit", "0.1.0", ""}};
  record.root = json::object{{"digest", "sha256:" + std::string(64, '1')}};
  record.isolation.client = {{"fence", "none", "declared"}};
  Status status = check_document("record-1", to_json(record));
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_TRUE(check_document("isolation-1", to_json(record.isolation)).ok());
}

}  // namespace
}  // namespace ktl
