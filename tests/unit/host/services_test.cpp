#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "base/sha256.h"
#include "core/plugins/services/builder_door.h"
#include "core/plugins/services/local.h"
#include "core/plugins/services/named_files.h"
#include "core/plugins/services/secrets.h"
#include "host/rig.h"

namespace ktl {
namespace {

class ServicesTest : public testing::Test {
 protected:
  // What the plugin says about one service.
  std::string ask(const std::vector<std::string>& words) {
    auto plugin = load_test_plugin("services", std::make_shared<Host>(host_));
    EXPECT_TRUE(plugin->create(json::object(), CallContext()).ok());
    json::object command{{"name", "services"}, {"args", json::value_from(words)}};
    auto said = plugin->invoke(verbs::kRun, command, CallContext());
    return said.ok() ? std::string(text_of(*said, "stdout")) : said.status().message();
  }

  TempFolder folder_;
  Host host_;
};

TEST_F(ServicesTest, ContentGoesInAndOutByDigest) {
  auto store = oci::Store::open(folder_ / "store", oci::Durability::kFast);
  ASSERT_TRUE(store.ok()) << store.status().to_string();
  host_.content = std::make_shared<const StoreContent>(*std::move(store));
  std::string path = (folder_ / "store").native();
  EXPECT_EQ(ask({"content", "bytes", digest_of("bytes")}), "bytes in " + path);
  EXPECT_EQ(ask({"content", "bytes", digest_of("others")}), "code 15");
}

TEST_F(ServicesTest, WhatTheHostDoesNotOfferIsSaidSo) {
  EXPECT_EQ(ask({"content", "bytes", digest_of("bytes")}),
            "plugin test.services: this ktl does not offer ktl.host.content/1");
}

TEST_F(ServicesTest, SecretsComeFromFilesAndVariables) {
  folder_.write("token", "from a file");
  folder_.write("large", std::string(Secrets::kMaxValue + 1, 'x'));
  setenv("KTL_TEST_SECRET", "from a variable", 1);
  host_.secrets = std::make_shared<const Secrets>(
      std::vector<SecretSource>{{"file", (folder_ / "token").native(), ""},
                                {"env", "", "KTL_TEST_SECRET"},
                                {"gone", (folder_ / "gone").native(), ""},
                                {"folder", folder_.path().native(), ""},
                                {"large", (folder_ / "large").native(), ""}},
      std::vector<SshSource>{});
  EXPECT_EQ(ask({"secret", "file"}), "from a file");
  EXPECT_EQ(ask({"secret", "env"}), "from a variable");
  EXPECT_EQ(ask({"secret", "gone"}), "code 5 size 64");
  EXPECT_EQ(ask({"secret", "other"}), "code 5 size 64");
  EXPECT_EQ(ask({"secret", "folder"}), "code 3 size 64");
  EXPECT_EQ(ask({"secret", "large"}), "code 8 size 64");
  unsetenv("KTL_TEST_SECRET");
  EXPECT_EQ(ask({"secret", "env"}), "code 5 size 64");
}

TEST_F(ServicesTest, ATooSmallBufferIsToldTheSize) {
  folder_.write("token", std::string(100, 'x'));
  host_.secrets = std::make_shared<const Secrets>(
      std::vector<SecretSource>{{"t", (folder_ / "token").native(), ""}}, std::vector<SshSource>{});
  EXPECT_EQ(ask({"secret", "t"}), "code 11 size 100");
}

TEST_F(ServicesTest, CredentialsComeFromTheFileTheUserChose) {
  host_.auth = std::make_shared<const FixedAuth>();
  EXPECT_EQ(ask({"auth", "127.0.0.1:5000"}), "user pass");
  EXPECT_EQ(ask({"auth", "ghcr.io"}), "code 5");
  EXPECT_EQ(ask({"token", "127.0.0.1:5000", "a:b:pull c:d:pull"}), "for c:d:pull 300");
  EXPECT_EQ(ask({"token", "ghcr.io", "a:b:pull"}), "code 5");
}

// A unix socket that says "hi" to the first who connects.
class Agent {
 public:
  explicit Agent(const std::filesystem::path& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_.get(), 1), 0);
    thread_ = std::thread([this] {
      UniqueFd peer(accept(socket_.get(), nullptr, nullptr));
      EXPECT_TRUE(write_all(peer.get(), "hi").ok());
    });
  }
  ~Agent() { thread_.join(); }

 private:
  UniqueFd socket_;
  std::thread thread_;
};

TEST_F(ServicesTest, SshAgentsAreConnectedByName) {
  host_.secrets = std::make_shared<const Secrets>(
      std::vector<SecretSource>{},
      std::vector<SshSource>{{"default", ""}, {"deploy", (folder_ / "agent").native()}});
  {
    Agent agent(folder_ / "agent");
    EXPECT_EQ(ask({"agent", "deploy"}), "hi");
  }
  {
    Agent agent(folder_ / "other");
    setenv("SSH_AUTH_SOCK", (folder_ / "other").c_str(), 1);
    EXPECT_EQ(ask({"agent", "default"}), "hi");
  }
  EXPECT_EQ(ask({"agent", "default"}), "none");
  unsetenv("SSH_AUTH_SOCK");
  EXPECT_EQ(ask({"agent", "default"}), "none");
  EXPECT_EQ(ask({"agent", "nobody"}), "none");
}

std::string nothing_set(const char*) { return {}; }

TEST_F(ServicesTest, BuildersBehindProgramsAreThoseOfTheBuild) {
  write_docker(folder_);
  const PathWith path(folder_.path());
  host_.builders = std::make_shared<const BuilderDoor>(
      std::vector<std::string>{"docker-container://box?context=far", "unix:///b.sock", "auto"},
      nothing_set);
  EXPECT_EQ(ask({"builder", "docker-container://box?context=far", "0"}),
            "--context=far exec -i box buildctl dial-stdio: hello. ended 4");
  EXPECT_EQ(ask({"builder", "docker-container://box?context=far", "1"}), "code 3");
  EXPECT_EQ(ask({"builder", "docker-container://box", "0"}), "code 7");
  EXPECT_EQ(ask({"builder", "ssh://elsewhere", "0"}), "code 7");
  EXPECT_EQ(ask({"builder", "unix:///b.sock", "0"}), "code 14");  // nobody listens
  EXPECT_EQ(ask({"builder", "docker", "0"}), "code 7");
}

TEST_F(ServicesTest, InTheUsersOwnProcessAnyBuilderMayBeOpened) {
  write_docker(folder_);
  host_.builders = std::make_shared<const BuilderDoor>(std::nullopt, nothing_set);
  {
    const PathWith path(folder_.path());
    EXPECT_EQ(ask({"builder", "docker-container://box", "0"}),
              "exec -i box buildctl dial-stdio: hello. ended 4");
    EXPECT_EQ(ask({"builder", "docker-container://a;b", "0"}), "code 3");
  }
  EXPECT_EQ(ask({"builder", "nerdctl-container://box", "0"}), "code 14");  // no such program
}

TEST_F(ServicesTest, ProgramsEndWithTheDoor) {
  folder_.write("docker", "#!/bin/sh\nexec sleep 60\n");
  chmod((folder_ / "docker").c_str(), 0755);
  const PathWith path(folder_.path());
  auto door = std::make_unique<BuilderDoor>(std::nullopt, nothing_set);
  auto line = door->open("docker-container://box", 0);
  ASSERT_TRUE(line.ok()) << line.status().to_string();
  door.reset();
  pollfd end{line->process.get(), POLLIN, 0};
  EXPECT_EQ(poll(&end, 1, 0), 1);
}

TEST_F(ServicesTest, TheTerminalIsLent) {
  EXPECT_NE(ask({"terminal", "hello"}).find("does not offer ktl.host.terminal/1"),
            std::string::npos);
  host_.terminal = std::make_shared<FixedTerminal>();
  EXPECT_EQ(ask({"terminal", "hello"}), "hello 4 30x100");
}

TEST_F(ServicesTest, EveryPluginHasFoldersOfItsOwn) {
  host_.folders = {folder_ / "state", folder_ / "cache", folder_ / "run"};
  std::string root = folder_.path().native();
  EXPECT_EQ(ask({"folders"}), root + "/state/plugins/test.services " + root +
                                  "/cache/plugins/test.services " + root + "/run/test.services");
  struct stat info{};
  ASSERT_EQ(stat((root + "/state/plugins/test.services").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
  host_.folders.state = folder_ / "file";
  folder_.write("file", "");
  EXPECT_EQ(ask({"folders"}), "plugin test.services: ktl could not provide a folder");
}

TEST_F(ServicesTest, FilesAreThoseTheUserNamed) {
  std::filesystem::create_directories(folder_ / "named/deep");
  folder_.write("named/deep/file", "inside");
  folder_.write("single", "alone");
  folder_.write("other", "not yours");
  std::filesystem::create_symlink("../other", folder_ / "named/leads-out");
  std::filesystem::create_symlink("deep/file", folder_ / "named/stays-in");
  host_.files = std::make_shared<const NamedFiles>(std::vector<std::filesystem::path>{
      folder_ / "named/", folder_ / "single", folder_ / "report.json"});
  const std::string root = folder_.path().native();
  EXPECT_EQ(ask({"files", root + "/named/deep/file", ""}), "inside");
  EXPECT_EQ(ask({"files", root + "/single", ""}), "alone");
  EXPECT_EQ(ask({"files", root + "/named/stays-in", ""}), "inside");
  for (const char* path : {"/other", "/named/../other", "/named/leads-out", "/named/deep",
                           "/named/gone", "/named-not", "/report.json"}) {
    EXPECT_EQ(ask({"files", root + path, ""}), "none") << path;
  }
  EXPECT_EQ(ask({"files", "single", ""}), "none");

  EXPECT_EQ(ask({"files", root + "/report.json", "new"}), "code 0");
  EXPECT_EQ(*read_file(folder_ / "report.json", 100), "new");
  EXPECT_EQ(ask({"files", root + "/named/deep/file", "changed"}), "code 0");
  EXPECT_EQ(*read_file(folder_ / "named/deep/file", 100), "changed");
  EXPECT_EQ(ask({"files", root + "/other", "changed"}), "code 7");
  EXPECT_EQ(*read_file(folder_ / "other", 100), "not yours");
  namespace fs = std::filesystem;
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "named/deep"), fs::directory_iterator()),
            1);
}

TEST_F(ServicesTest, HelperProgramsEndWithTheirTime) {
  EXPECT_EQ(ask({"process", "printf %s $GREETING; exit 3", "10000"}), "code 0 exit 3 hello");
  EXPECT_EQ(ask({"process", "kill -9 $$", "10000"}), "code 0 exit 137 ");
  EXPECT_EQ(ask({"process", "exec sleep 60", "50"}), "code 4 exit -1 ");
  EXPECT_EQ(ask({"process", "true", "0"}), "code 3 exit -1 ");
}

TEST_F(ServicesTest, ValuesToBeMaskedReachTheRedactor) {
  std::string heard;
  host_.redact = [&](std::string_view value) {
    heard = value;
    return Status();
  };
  EXPECT_EQ(ask({"redact", "hunter22"}), "code 0");
  EXPECT_EQ(heard, "hunter22");
  EXPECT_EQ(ask({"redact", ""}), "code 3");
}

TEST(Folders, FollowTheXdgVariables) {
  setenv("XDG_STATE_HOME", "/s", 1);
  setenv("XDG_CACHE_HOME", "relative", 1);
  setenv("XDG_RUNTIME_DIR", "/r", 1);
  setenv("HOME", "/h", 1);
  auto folders = default_plugin_folders();
  ASSERT_TRUE(folders.ok());
  EXPECT_EQ(folders->state, "/s/ktl");
  EXPECT_EQ(folders->cache, "/h/.cache/ktl");
  EXPECT_EQ(folders->runtime, "/r/ktl");
}

class OneRule final : public PolicyService {
 public:
  Status decide(std::string_view asker, const json::value& question) const override {
    return text_of(question, "build") == "good"
               ? Status()
               : Status(Code::kPermissionDenied, "not for " + std::string(asker));
  }
};

TEST_F(ServicesTest, PoliciesAreAsked) {
  EXPECT_EQ(ask({"policy", "good"}),
            "plugin test.services: this ktl does not offer ktl.host.policy/1");
  host_.policy = std::make_shared<const OneRule>();
  EXPECT_EQ(ask({"policy", "good"}), "code 0 allow 1");
  EXPECT_EQ(ask({"policy", "bad"}), "code 0 allow 0 not for test.services");
}

}  // namespace
}  // namespace ktl
