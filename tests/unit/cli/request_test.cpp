#include "cli/request/request.h"
#include "cli/request/subjects.h"

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
  const Surroundings here{kEnvironment, "/home/me"};
  KTL_ASSIGN(std::vector<Subject> subjects, subjects_of(parsed.words, std::nullopt, here));
  return make_request(flags, settings, subjects.at(0).context, here);
}

TEST(Request, HoldsEveryValueAndItsOrigin) {
  auto request = made({"app", "-t", "a,b", "--build-arg", "K=V", "--push", "--pull", "--iidfile",
                       "out/id", "-f", "app/D"});
  ASSERT_TRUE(request.ok()) << request.status().to_string();
  EXPECT_EQ(
      json::serialize(*request),
      R"({"schema":"ktl.request/1","command":"build","context":"/home/me/app",)"
      R"("context_kind":"folder",)"
      R"("options":{"ktl.export.oci":{"push":true}},)"
      R"("origin":{"file":"flag","build_args":"flag","build_args.K":"flag","pull":"flag","tags":"flag",)"
      R"("iidfile":"flag","builder":"env KTL_BUILDER",)"
      R"("options.ktl.export.oci.push":"flag"},)"
      R"("file":"/home/me/app/D","build_args":{"K":"V"},"pull":true,"tags":["a","b"],)"
      R"("iidfile":"/home/me/out/id","builder":"unix:///b",)"
      R"("sandbox":{"demand":"","implied":false,"disabled":false,"config":"","runtime":"",)"
      R"("workdir":"/workspace","network":"policy","binds":[],"probe_paths":[],"logs":false},)"
      R"("progress":"auto"})");
  EXPECT_TRUE(request_from_json(*request).ok());
}

// The builder that `args` name, and who said so.
std::string builder(const std::vector<std::string>& args) {
  auto request = made(args);
  if (!request.ok()) {
    return request.status().message();
  }
  const json::value document(*request);
  return std::string(text_of(document, "builder")) + " " +
         std::string(text_of(document.at("origin"), "builder"));
}

TEST(Request, ABuilderHasSeveralWords) {
  EXPECT_EQ(builder({"."}), "unix:///b env KTL_BUILDER");
  EXPECT_EQ(builder({".", "--builder", "a", "--builder", "unix:///c;platforms=linux/arm64,x"}),
            "a\nunix:///c;platforms=linux/arm64,x flag");
  EXPECT_EQ(builder({".", "--docker-context", "far"}), "docker://far flag");
  EXPECT_EQ(builder({".", "--remote", "tcp://h:1"}), "tcp://h:1 flag");
  EXPECT_EQ(builder({".", "--remote", "unix:///a"}), "--remote unix:///a is no other machine");
  EXPECT_EQ(builder({".", "--remote", "ssh://h", "--builder", "a"}),
            "--builder and --remote contradict each other");
}

// What `args` make of context, its kind and the Dockerfile.
std::string input(const std::vector<std::string>& args) {
  auto request = made(args);
  if (!request.ok()) {
    return request.status().message();
  }
  const json::value document(*request);
  return std::string(text_of(document, "context")) + " " +
         std::string(text_of(document, "context_kind")) + " " +
         std::string(text_of(document, "file"));
}

TEST(Request, TakesContextsThatAreNoFolders) {
  EXPECT_EQ(input({"-"}), "- archive ");
  EXPECT_EQ(input({".", "-f", "-"}), "/home/me folder -");
  EXPECT_EQ(input({"https://example.com/x.git#main:sub"}),
            "https://example.com/x.git#main:sub url ");
  EXPECT_EQ(input({"git@example.com:x.git", "-f", "sub/D"}), "git@example.com:x.git url sub/D");
  EXPECT_EQ(input({"https://example.com/x.tar.gz", "-f", "/abs/D"}),
            "https://example.com/x.tar.gz url /abs/D");
}

// The program of -i in the request that `args` make, one word each line; or what is wrong.
std::string program(const std::vector<std::string>& args) {
  const auto request = made(args);
  if (!request.ok()) {
    return request.status().message();
  }
  const Request asked = *request_from_json(*request);
  std::string words;
  for (const std::string& word : asked.inputs.interactive) {
    words += word + "\n";
  }
  return words;
}

TEST(Request, AShellInAFailedStepHasAProgram) {
  EXPECT_EQ(program({"."}), "");
  EXPECT_EQ(program({".", "-i"}), "/bin/sh\n");
  EXPECT_EQ(program({".", "-i", "--interactive-shell", R"( bash -c 'a  "b' "c\" d"e\ f '' )"}),
            "bash\n-c\na  \"b\nc\" de f\n\n");
  EXPECT_EQ(made({".", "-i"})->at("origin").at("interactive").as_string(), "flag");
  EXPECT_EQ(program({".", "-i", "--interactive-shell", "'sh"}),
            "--interactive-shell does not name a program: a quote stays open");
  EXPECT_EQ(program({".", "-i", "--interactive-shell", "  "}),
            "--interactive-shell does not name a program: write PROGRAM [ARGS]");
  EXPECT_EQ(program({".", "--interactive-shell", "sh"}),
            "--interactive-shell is the program of -i");
  EXPECT_EQ(program({".", "--check", "-i"}), "--call builds nothing, so -i has no step to be in");
}

TEST(Request, CheckIsACall) {
  const auto asked = made({".", "--check"});
  ASSERT_TRUE(asked.ok()) << asked.status().to_string();
  const Request request = *request_from_json(*asked);
  EXPECT_EQ(request.inputs.call.method, "lint");
  EXPECT_EQ(request.origin.at("call"), "flag");
  EXPECT_TRUE(
      request_from_json(*made({".", "--check", "--call=check,format=json"}))->inputs.call.json);
  EXPECT_EQ(request_from_json(*made({".", "--call=build"}))->inputs.call.method, "");
  EXPECT_EQ(made({".", "--check", "--call=targets"}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(made({".", "--check", "--iidfile=x"}).status().code(), Code::kInvalidArgument);
}

TEST(Request, ACacheFolderIsReadAndWritten) {
  const auto asked = made({".", "--cache-dir", "c", "--cache-to", "type=inline"});
  ASSERT_TRUE(asked.ok()) << asked.status().to_string();
  const Inputs inputs = request_from_json(*asked)->inputs;
  ASSERT_EQ(inputs.cache_from.size(), 1U);
  EXPECT_EQ(inputs.cache_from[0].attrs.at("src"), "/home/me/c");
  ASSERT_EQ(inputs.cache_to.size(), 2U);
  EXPECT_EQ(inputs.cache_to[1].attrs.at("dest"), "/home/me/c");
  EXPECT_EQ(inputs.cache_to[1].attrs.at("mode"), "max");
}

std::string mode(const std::vector<std::string>& args) {
  std::vector<std::string> all = {"."};
  all.insert(all.end(), args.begin(), args.end());
  auto request = made(all);
  return request.ok() ? std::string(text_of(*request, "progress")) : request.status().message();
}

TEST(Request, ChoosesOneDisplay) {
  EXPECT_EQ(mode({}), "auto");
  EXPECT_EQ(mode({"-q"}), "quiet");
  EXPECT_EQ(mode({"-q", "--progress", "rawjson"}), "rawjson");
  EXPECT_EQ(mode({"--output", "logs"}), "plain");
  EXPECT_EQ(mode({"--output", "tty", "--progress", "tty"}), "tty");
  EXPECT_EQ(mode({"-o", "type=oci,dest=x"}), "auto");
  EXPECT_EQ(mode({"-o", "logs", "-o", "type=oci,dest=x"}), "plain");
  EXPECT_EQ(mode({"-o", "logs", "--progress", "tty"}),
            "--output logs and --progress tty contradict each other");
}

}  // namespace
}  // namespace ktl::cli
