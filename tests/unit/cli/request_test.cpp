#include "cli/request/request.h"

#include <gtest/gtest.h>

#include "cli/options/build_options.h"
#include "core/document/request.h"

namespace ktl::cli {
namespace {

const Environment kEnvironment(Variables{{"KTL_BUILDER", "unix:///b"}});

Result<json::object> made(const std::vector<std::string>& args) {
  FlagSet flags(build_options());
  Manifest manifest;
  manifest.id = "ktl.export.oci";
  manifest.flags = {{.name = "push"}};
  KTL_TRY(flags.contribute(manifest));
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, args));
  KTL_ASSIGN(Settings settings, gather(flags, parsed, kEnvironment, {}));
  return make_request(flags, settings, "/home/me/app", {kEnvironment, "/home/me"});
}

std::string fault(const std::vector<std::string>& args) { return made(args).status().to_string(); }

TEST(Request, HoldsEveryValueAndItsOrigin) {
  auto request = made({"app", "-t", "a,b", "--build-arg", "K=V", "--push", "--pull", "--iidfile",
                       "out/id", "-f", "app/D"});
  ASSERT_TRUE(request.ok()) << request.status().to_string();
  EXPECT_EQ(
      json::serialize(*request),
      R"({"schema":"ktl.request/1","command":"build","context":"/home/me/app",)"
      R"("options":{"ktl.export.oci":{"push":true}},)"
      R"("origin":{"file":"flag","build_args":"flag","build_args.K":"flag","pull":"flag","tags":"flag",)"
      R"("iidfile":"flag","builder":"env KTL_BUILDER",)"
      R"("options.ktl.export.oci.push":"flag"},)"
      R"("file":"/home/me/app/D","build_args":{"K":"V"},"pull":true,"tags":["a","b"],)"
      R"("iidfile":"/home/me/out/id","builder":"unix:///b","progress":"auto"})");
  EXPECT_TRUE(request_from_json(*request).ok());
}

TEST(Request, RefusesADockerfileOnStdin) {
  EXPECT_EQ(fault({".", "-f", "-"}), "--file -: not built yet\n  name a file");
}

std::string mode(const std::vector<std::string>& args) {
  std::vector<std::string> all = {"."};
  all.insert(all.end(), args.begin(), args.end());
  auto request = made(all);
  return request.ok() ? std::string(text_of(json::value(*request), "progress"))
                      : request.status().message();
}

TEST(Request, ChoosesOneDisplay) {
  EXPECT_EQ(mode({}), "auto");
  EXPECT_EQ(mode({"-q"}), "quiet");
  EXPECT_EQ(mode({"-q", "--progress", "rawjson"}), "rawjson");
  EXPECT_EQ(mode({"--output", "logs"}), "plain");
  EXPECT_EQ(mode({"--output", "tty", "--progress", "tty"}), "tty");
  EXPECT_EQ(mode({"-o", "type=oci,dest=x"}), "--output type=oci,dest=x: not built yet");
  EXPECT_EQ(mode({"-o", "logs", "--progress", "tty"}),
            "--output logs and --progress tty contradict each other");
}

}  // namespace
}  // namespace ktl::cli
