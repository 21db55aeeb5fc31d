// What a build opens to plugins of what the user named.
#include "cli/host.h"

#include <gmock/gmock.h>

namespace ktl::cli {
namespace {

using ::testing::UnorderedElementsAre;

TEST(NamedBy, ArePathsOfTheRequestAndOfPathFlags) {
  Request request;
  request.context = "/src/app";
  request.file = "/elsewhere/Dockerfile";
  request.inputs.build_contexts = {{"tools", "/tools"}, {"base", "docker-image://alpine"}};
  request.inputs.outputs = {{"local", "/out", {}}, {"tar", "-", {}}};
  request.authfile = "/home/me/auth.json";
  request.secrets = {{"token", "/home/me/token", ""}};
  request.options["test.rules"] = json::object{{"rules", "/rules"}, {"mode", "/not/a/path"}};
  request.options["test.other"] = json::object{{"rules", "/other"}};
  Manifest manifest;
  manifest.id = "test.rules";
  for (const auto& [name, type] :
       {std::pair("rules", PluginFlag::Type::kPath), std::pair("mode", PluginFlag::Type::kText)}) {
    PluginFlag flag;
    flag.name = name;
    flag.type = type;
    manifest.flags.push_back(std::move(flag));
  }
  EXPECT_THAT(
      named_by(request, {&manifest}),
      UnorderedElementsAre("/src/app", "/elsewhere/Dockerfile", "/tools", "/out", "/rules"));
}

TEST(NamedBy, IsNoAddress) {
  Request request;
  request.context = "https://example.com/repo.git";
  EXPECT_THAT(named_by(request, {}), ::testing::IsEmpty());
}

}  // namespace
}  // namespace ktl::cli
