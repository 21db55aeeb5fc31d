#include "core/project/untrusted.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

const Status kWhy =
    Status(Code::kPermissionDenied, "nobody has trusted this file").advise("ktl config trust F");

std::string refusal(std::string_view text, std::vector<Override> overrides = {}) {
  auto project = parse_project(
      text, {.file = "/p/ktl.yaml", .untrusted = kWhy, .overrides = std::move(overrides)});
  return project.ok() ? "accepted" : project.status().to_string();
}

TEST(Untrusted, NamesThePlaceTheReasonAndTheWayOut) {
  EXPECT_EQ(refusal("build:\n  target: x\nplugins: []\n"),
            "/p/ktl.yaml:3:1: \"plugins\" cannot be set here: nobody has trusted this file\n"
            "  ktl config trust F");
  EXPECT_EQ(refusal("defaults:\n  authfile: /x\n"),
            "/p/ktl.yaml:2:3: --authfile cannot be set here: nobody has trusted this file\n"
            "  ktl config trust F");
}

class Accepted : public testing::TestWithParam<const char*> {};
TEST_P(Accepted, Input) { EXPECT_EQ(refusal(GetParam()), "accepted") << GetParam(); }
INSTANTIATE_TEST_SUITE_P(
    Untrusted, Accepted,
    testing::Values("build: {target: x, tags: [a], platforms: [linux/amd64]}",
                    "build: {args: {K: V}, labels: {K: V}, file: sub/../D}",
                    "build: {network: none, pull: true, no-cache: true}",
                    "targets: {a: {context: a, needs: [b]}, b: {context: .}}",
                    "targets: {a: {contexts: {x: sub, y: 'docker-image://alpine'}}}",
                    "defaults: {build-arg: {K: V}, hermetic: true, secrets: block}",
                    "profiles: {p: {extends: secure, flags: {locked: true}}}",
                    "default-targets: [a]\ntargets: {a: {}}"));

class Refused : public testing::TestWithParam<const char*> {};
TEST_P(Refused, WithItsPlace) {
  std::string text = refusal(GetParam());
  EXPECT_EQ(text.substr(0, 14), "/p/ktl.yaml:1:") << GetParam() << "\n" << text;
  EXPECT_NE(text.find("nobody has trusted this file"), std::string::npos) << text;
}
INSTANTIATE_TEST_SUITE_P(RunsCode, Refused,
                         testing::Values("plugins: []", "plugin-dirs: []", "builder: auto",
                                         "builders: {}", "registries: {}", "defaults: {builder: x}",
                                         "defaults: {sandbox: true}",
                                         "defaults: {sandbox-config: x}",
                                         "defaults: {sandbox-bind: '/:/x'}",
                                         "defaults: {sandbox-bin: x}", "defaults: {policy: x}",
                                         "defaults: {docker-context: x}", "defaults: {remote: x}",
                                         "profiles: {p: {flags: {builder: x}}}"));
INSTANTIATE_TEST_SUITE_P(
    TakesAway, Refused,
    testing::Values("build: {secrets: [HOME]}", "build: {secrets: [{id: a, src: x}]}",
                    "targets: {a: {secrets: [{id: a, env: HOME}]}}", "defaults: {secret: [HOME]}",
                    "defaults: {ssh: default}", "defaults: {build-arg: [HOME]}",
                    "targets: {a: {context: /etc}}", "targets: {a: {context: ../x}}",
                    "targets: {a: {context: 'https://x/y.git'}}", "build: {file: /etc/passwd}",
                    "build: {contexts: {x: /etc}}", "build: {contexts: {x: 'oci-layout:///x'}}",
                    "defaults: {build-context: {x: ..}}", "defaults: {sign-key: x}",
                    "defaults: {ws-listen: ':1'}", "defaults: {s3-cache: 's3://x'}"));
INSTANTIATE_TEST_SUITE_P(Writes, Refused,
                         testing::Values("defaults: {push: true}", "defaults: {load: true}",
                                         "defaults: {oci: x}",
                                         "build: {outputs: [{type: local, dest: x}]}",
                                         "defaults: {cache-to: x}", "defaults: {iidfile: x}",
                                         "defaults: {metadata-file: x}", "defaults: {logfile: x}",
                                         "defaults: {capture: x}",
                                         "profiles: {ci: {flags: {push: true}}}"));
INSTANTIATE_TEST_SUITE_P(
    Loosens, Refused,
    testing::Values("build: {network: host}", "build: {network: default}", "build: {pull: false}",
                    "defaults: {secrets: 'off'}", "defaults: {policy-mode: warn}",
                    "defaults: {hermetic: false}", "defaults: {allow: network.host}",
                    "defaults: {allow-network: true}", "defaults: {allow-unpinned-bases: true}",
                    "defaults: {trust: default}", "defaults: {add-host: 'a:1'}"));

TEST(Untrusted, WhatTheCallerSetsIsTheCallers) {
  EXPECT_EQ(refusal("targets: {a: {}}", {{"a.context=/etc", "/d"}, {"a.secrets=HOME", "/d"}}),
            "accepted");
  EXPECT_NE(refusal("targets: {a: {context: /etc}}", {{"a.pull=true", "/d"}}), "accepted");
}

}  // namespace
}  // namespace ktl
