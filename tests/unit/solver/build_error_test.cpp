#include "build_error.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "rpc_status.pb.h"

namespace ktl::solver {
namespace {

const std::string kUrl = "github.com/moby/buildkit/";

// google.rpc.Status with JSON details, as BuildKit sends it.
std::string details(const std::vector<std::pair<std::string, json::value>>& items) {
  google::rpc::Status status;
  for (const auto& [type, value] : items) {
    auto& any = *status.add_details();
    any.set_type_url(kUrl + type);
    any.set_value(json::serialize(value));
  }
  return status.SerializeAsString();
}

json::value source(const std::string& text, int first, int last) {
  return {{"info", {{"filename", "Dockerfile"}, {"data", base64_encode(text)}}},
          {"ranges", json::array{{{"start", {{"line", first}}}, {"end", {{"line", last}}}}}}};
}

ProgressLog log_of(const std::string& name, const std::string& output) {
  moby::buildkit::v1::StatusResponse message;
  auto& vertex = *message.add_vertexes();
  vertex.set_digest("sha256:v");
  vertex.set_name(name);
  vertex.mutable_started()->set_seconds(1);
  vertex.mutable_completed()->set_seconds(2);
  vertex.set_error("exit code: 7");
  auto& line = *message.add_logs();
  line.set_vertex("sha256:v");
  line.set_stream(2);
  line.set_msg(output);
  ProgressLog log;
  log.translate(message);
  return log;
}

TEST(BuildError, NamesStepExitCodeLinesAndTail) {
  const Failure failure{
      {Code::kUnknown, "failed to solve: process \"/bin/sh -c exit 7\" did not complete"},
      details({{"stack.Stack+json", {{"frames", json::array()}}},
               {"errdefs.Source+json", source("FROM x\nRUN a \\\r\n  b\nRUN c\n", 2, 3)},
               {"errdefs.Vertex+json", {{"digest", "sha256:v"}}},
               {"gatewayapi.ExitMessage+json", {{"Code", 7}}}})};
  const json::object error =
      build_error(failure, log_of("[2/3] RUN a b", "one\ntwo\n"), {"linux/amd64"});
  const json::value expected = {{"schema", "ktl.build-error/1"},
                                {"message", "process \"/bin/sh -c exit 7\" did not complete"},
                                {"step", "[2/3] RUN a b"},
                                {"vertex", "sha256:v"},
                                {"exit_code", 7},
                                {"log_tail", {"one", "two"}},
                                {"next", ""},
                                {"source",
                                 {{"file", "Dockerfile"},
                                  {"start_line", 2},
                                  {"end_line", 3},
                                  {"first_line", 1},
                                  {"lines", {"FROM x", "RUN a \\", "  b", "RUN c"}}}}};
  EXPECT_EQ(json::value(error), expected);
}

TEST(BuildError, WithoutDetailsTheFailedStepIsTheOneThatReportedAnError) {
  const json::object error =
      build_error({{Code::kUnknown, "boom"}, ""}, log_of("[1/1] RUN", "x"), {});
  EXPECT_EQ(error.at("step"), "[1/1] RUN");
  EXPECT_FALSE(error.contains("source"));
  EXPECT_EQ(error.at("exit_code"), 0);
}

TEST(BuildError, AMissingEmulatorIsNamedWithItsPlatform) {
  const json::object one =
      build_error({{Code::kUnknown, "exit code: 255"}, ""},
                  log_of("[2/2] RUN uname", "exec /bin/sh: exec format error\n"), {"linux/arm64"});
  EXPECT_EQ(one.at("message"),
            "step [2/2] RUN uname needs an emulator: the builder cannot execute programs for "
            "linux/arm64");
  EXPECT_NE(std::string(one.at("next").as_string()).find("qemu-user-static"), std::string::npos);
  const json::object two = build_error({{Code::kUnknown, "exit code: 255"}, ""},
                                       log_of("[linux/s390x 2/2] RUN uname", "exec format error"),
                                       {"linux/arm64", "linux/s390x"});
  EXPECT_EQ(
      two.at("message"),
      "step [linux/s390x 2/2] RUN uname needs an emulator: the builder cannot execute programs "
      "for linux/s390x");
  const json::object either =
      build_error({{Code::kUnknown, "exec format error"}, ""}, ProgressLog(), {"a/b", "c/d"});
  EXPECT_NE(std::string(either.at("message").as_string()).find("a/b or c/d"), std::string::npos);
}

TEST(BuildError, HostileDetailsAreIgnored) {
  google::rpc::Status status;
  for (const char* text : {"{", "[]", "{\"info\": 3, \"ranges\": {}}", "{\"ranges\": [1]}"}) {
    auto& any = *status.add_details();
    any.set_type_url(kUrl + "errdefs.Source+json");
    any.set_value(text);
  }
  auto& lines = *status.add_details();
  lines.set_type_url(kUrl + "errdefs.Source+json");
  lines.set_value(json::serialize(source("FROM x\n", 1, 2'000'000'000)));
  const json::object error =
      build_error({{Code::kUnknown, "x"}, status.SerializeAsString()}, ProgressLog(), {});
  EXPECT_EQ(field_of(error.at("source"), "lines")->as_array().size(), 1U);
  EXPECT_FALSE(
      build_error({{Code::kUnknown, "x"}, "\xff\xff"}, ProgressLog(), {}).contains("source"));
  EXPECT_EQ(build_error({{Code::kUnknown, ""}, ""}, ProgressLog(), {}).at("message"),
            "the build failed without a reason");
}

}  // namespace
}  // namespace ktl::solver
