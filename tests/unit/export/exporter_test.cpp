// The plugin as ktl drives it: its static twin behind the C interface.
#include <gtest/gtest.h>
#include <ktl/iface/export.h>
#include <ktl/testing/fake_host.h>

#include "http/scripted_server.h"
#include "oci/index_file.h"
#include "oci/sample_image.h"
#include "oci/temp_folder.h"
#include "services.h"
#include "wish.h"

extern "C" const ktl_plugin_draft export_oci_entry;

namespace ktl::export_oci {
namespace {

namespace fs = std::filesystem;
using oci::must;

class ExporterTest : public ::testing::Test {
 protected:
  std::string plan(std::vector<std::string> tags, json::object options) {
    json::object made{{"schema", "ktl.plan/1"},
                      {"context", {{"dir", context_.string()}, {"exclude", json::array{}}}},
                      {"tags", json::array(tags.begin(), tags.end())},
                      {"options", {{kPluginId, std::move(options)}}}};
    return json::serialize(made);
  }
  std::string solved(const std::string& of_plan) {
    return json::serialize(json::object{
        {"schema", "ktl.solved/1"}, {"plan", json::parse(of_plan)}, {"root", to_json(root_)}});
  }
  ktl_status choose(const std::string& of_plan) {
    return host_.call(KTL_EXPORT_ID, &ktl_export_v1::choose, of_plan);
  }
  ktl_status stage(const std::string& of_plan) {
    return host_.call(KTL_EXPORT_ID, &ktl_export_v1::stage, solved(of_plan));
  }
  ktl_status commit(const std::string& of_plan) {
    return host_.call(KTL_EXPORT_ID, &ktl_export_v1::commit, solved(of_plan));
  }
  ktl_status rollback(const std::string& of_plan) {
    return host_.call(KTL_EXPORT_ID, &ktl_export_v1::rollback, solved(of_plan));
  }
  json::value choice(const std::string& of_plan) {
    EXPECT_EQ(choose(of_plan), KTL_OK) << host_.message();
    return json::parse(host_.result());
  }
  json::array run(const std::string& of_plan) {
    EXPECT_EQ(choose(of_plan), KTL_OK) << host_.message();
    EXPECT_EQ(stage(of_plan), KTL_OK) << host_.message();
    EXPECT_EQ(commit(of_plan), KTL_OK) << host_.message();
    return json::parse(host_.result()).at("receipts").as_array();
  }
  size_t outputs() { return static_cast<size_t>(std::distance(fs::directory_iterator(out_), {})); }
  void SetUp() override {
    fs::create_directory(out_);
    fs::create_directory(context_);
    Services::folder = store_.folder();
    Services::credentials.clear();
    host_.offer(KTL_HOST_CONTENT_ID, &Services::kContent);
    host_.offer(KTL_HOST_AUTH_ID, &Services::kAuth);
    host_.offer(KTL_HOST_STATE_ID, &Services::kState);
    ASSERT_EQ(host_.create(R"({"insecure":["nas.lan"],"connections":2})"), KTL_OK);
  }

  TempFolder temp_;
  fs::path out_ = temp_.path() / "out";
  fs::path context_ = temp_.path() / "context";
  oci::Store store_ = oci::open_store(temp_.path() / "store");
  oci::Descriptor root_ = oci::put_image(store_, "layer");
  ktl::testing::FakeHost host_{export_oci_entry};
};

TEST_F(ExporterTest, WithoutTagsAndOutputsNothingIsStaged) {
  auto chosen = choice(plan({}, {}));
  EXPECT_FALSE(chosen.at("staging").as_bool());
  EXPECT_TRUE(chosen.at("outputs").as_array().empty());
}

TEST_F(ExporterTest, ATagAloneIsKeptInTheStore) {
  auto wanted = plan({"docker.io/library/app:dev"}, {});
  EXPECT_TRUE(choice(wanted).at("staging").as_bool());
  auto receipts = run(wanted);
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(text_of(receipts[0], "kind"), "store");
  EXPECT_EQ(text_of(receipts[0], "name"), "app:dev");
  EXPECT_EQ(text_of(receipts[0], "path"), store_.folder().string());
  EXPECT_EQ(text_of(receipts[0], "digest"), root_.digest);
  auto index = must(oci::read_index_file(store_.folder()));
  EXPECT_NE(oci::find_entry(index, *oci::parse_tag("app:dev")), nullptr);
}

TEST_F(ExporterTest, ANamedOutputIsNotAlsoKept) {
  auto receipts = run(plan({"docker.io/library/app:dev"}, {{"oci", (out_ / "img").string()}}));
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(text_of(receipts[0], "kind"), "oci");
  EXPECT_EQ(oci::count_blobs(out_ / "img"), 3U);
  EXPECT_TRUE(must(oci::read_index_file(store_.folder())).manifests.empty());
  EXPECT_EQ(outputs(), 1U);
}

TEST_F(ExporterTest, BareOciKeepsAnImageWithoutATag) {
  auto receipts = run(plan({}, {{"oci", ""}}));
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(text_of(receipts[0], "kind"), "store");
  EXPECT_EQ(must(oci::read_index_file(store_.folder())).manifests.size(), 1U);
}

TEST_F(ExporterTest, NothingIsVisibleBeforeCommit) {
  for (const char* name : {"img", "img.tar"}) {
    auto wanted =
        plan({"docker.io/library/app:dev"}, {{"oci", (out_ / "deep/er" / name).string()}});
    ASSERT_EQ(choose(wanted), KTL_OK);
    EXPECT_EQ(outputs(), 0U);
    ASSERT_EQ(stage(wanted), KTL_OK) << host_.message();
    EXPECT_FALSE(fs::exists(out_ / "deep/er" / name));
    ASSERT_EQ(rollback(wanted), KTL_OK);
    EXPECT_EQ(outputs(), 0U);
    run(wanted);
    EXPECT_TRUE(fs::exists(out_ / "deep/er" / name));
    fs::remove_all(out_ / "deep");
  }
}

TEST_F(ExporterTest, RefusesBadWishesBeforeAnythingIsBuilt) {
  ASSERT_TRUE(write_file_atomic(out_ / "thesis.txt", "precious").ok());
  fs::create_directory(out_ / "folder.tar");
  const std::pair<std::string, const char*> kCases[] = {
      {plan({}, {{"push", true}}), "--push needs a tag"},
      {plan({"UPPER"}, {}), "must be lower case"},
      {plan({}, {{"oci", out_.string()}}), "neither empty nor an OCI image layout"},
      {plan({}, {{"oci", (out_ / "thesis.txt").string()}}), "is not a folder"},
      {plan({}, {{"oci", (out_ / "thesis.txt/img").string()}}), "is not a folder"},
      {plan({}, {{"oci", (out_ / "folder.tar").string()}}), "is not a regular file"},
      {plan({}, {{"oci", "/"}}), "/ cannot be written to"}};
  for (const auto& [wanted, words] : kCases) {
    EXPECT_EQ(choose(wanted), KTL_INVALID_ARGUMENT) << words;
    EXPECT_NE(host_.message().find(words), std::string::npos) << host_.message();
  }
  EXPECT_EQ(outputs(), 2U);
}

TEST_F(ExporterTest, LeavesItsOwnFilesOutOfTheContext) {
  fs::create_directory_symlink(context_, temp_.path() / "link");
  auto chosen = choice(plan({}, {{"oci", (temp_.path() / "link/dist/img").string()}}));
  auto& exclude = chosen.at("exclude").as_array();
  ASSERT_EQ(exclude.size(), 3U);
  EXPECT_EQ(exclude[0].as_string(), "dist/img");
  EXPECT_EQ(exclude[1].as_string(), "dist/.img.ktl-tmp");
  EXPECT_TRUE(
      choice(plan({}, {{"oci", (out_ / "img").string()}})).at("exclude").as_array().empty());
  EXPECT_TRUE(
      choice(plan({}, {{"oci", context_.string() + "-2/img"}})).at("exclude").as_array().empty());
}

TEST_F(ExporterTest, WithoutAResultThereIsNothingToExport) {
  json::value document = json::parse(solved(plan({"a"}, {})));
  document.as_object()["root"] = nullptr;
  EXPECT_EQ(host_.call(KTL_EXPORT_ID, &ktl_export_v1::stage, json::serialize(document)),
            KTL_FAILED_PRECONDITION);
  EXPECT_EQ(commit(plan({"a"}, {})), KTL_FAILED_PRECONDITION);
}

TEST_F(ExporterTest, AFailedPushLeavesNoFiles) {
  auto wanted = plan({"127.0.0.1:1/app:dev"}, {{"push", true}, {"oci", (out_ / "img").string()}});
  host_.cancel();  // do not wait for a registry that is not there
  EXPECT_EQ(stage(wanted), KTL_CANCELLED);
  EXPECT_EQ(outputs(), 0U);
}

TEST_F(ExporterTest, ARefusedTagUndoesEverything) {
  auto empty = [](const char* head) {
    return std::string("HTTP/1.1 ") + head + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  };
  // Two blobs are there, the manifest is taken; one tag is set, the other's PUT is refused.
  http::ScriptedServer server({empty("200 OK"), empty("200 OK"), empty("201 Created"),
                               empty("404 Not Found"), empty("201 Created"), empty("404 Not Found"),
                               empty("403 Forbidden"), empty("202 Accepted")});
  std::string host = server.url("").substr(7);
  auto wanted = plan({host + "/app:one", host + "/app:dev"},
                     {{"push", true}, {"oci", (out_ / "img").string()}});
  ASSERT_EQ(choose(wanted), KTL_OK);
  ASSERT_EQ(stage(wanted), KTL_OK) << host_.message();
  EXPECT_EQ(commit(wanted), KTL_PERMISSION_DENIED);
  EXPECT_NE(host_.message().find(host + "/app: put manifest dev: HTTP 403"), std::string::npos)
      << host_.message();
  EXPECT_EQ(outputs(), 0U);
  ASSERT_EQ(server.requests().size(), 8U);
  EXPECT_TRUE(server.requests()[7].starts_with("DELETE /v2/app/manifests/one "))
      << server.requests()[7];
  EXPECT_TRUE(host_.lines().empty());
  EXPECT_EQ(host_.events().size(), 3U);
  EXPECT_EQ(host_.events()[0].type, "push/1");
  EXPECT_TRUE(host_.events()[0].body.starts_with(R"({"name":")" + host)) << host_.events()[0].body;
}

}  // namespace
}  // namespace ktl::export_oci
