// What the host's tests share: the test plugins, a folder of their own, and a host that listens.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/plugins/host.h"
#include "core/plugins/load.h"
#include "core/plugins/locate.h"
#include "core/plugins/plugin.h"

namespace ktl {

inline std::filesystem::path test_plugin(const std::string& name) {
  return std::filesystem::path(KTL_BINARY_DIR) / "tests/plugins" / ("test-" + name + ".so");
}

inline int64_t in_ms(int64_t milliseconds) {
  return system_clock().monotonic_ns() + milliseconds * 1'000'000;
}

inline json::value json_of(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *std::move(value) : json::value();
}

// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ktl-host-XXXXXX").native();
    path_ = mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  // Copies a test plugin; the new name, without folder, ends in .so.
  void copy(const std::string& plugin, const std::string& name) const {
    std::filesystem::copy_file(test_plugin(plugin), path_ / name);
    chmod((path_ / name).c_str(), 0644);
  }

 private:
  std::filesystem::path path_;
};

// A program `docker` that repeats its arguments and the line that it is told, and complains.
inline void write_docker(const TempFolder& folder) {
  folder.write("docker",
               "#!/bin/sh\nread line\nprintf '%s: %s. ' \"$*\" \"$line\"\nprintf oops >&2\n");
  chmod((folder / "docker").c_str(), 0755);
}

// The environment variable PATH with a folder before everything, as long as this lives.
class PathWith {
 public:
  explicit PathWith(const std::filesystem::path& folder) : before_(getenv("PATH")) {
    setenv("PATH", (folder.native() + ":" + before_).c_str(), 1);
  }
  PathWith(const PathWith&) = delete;
  PathWith& operator=(const PathWith&) = delete;
  ~PathWith() { setenv("PATH", before_.c_str(), 1); }

 private:
  const std::string before_;
};

// A terminal of 30 rows and 100 columns on which its notice is typed.
class FixedTerminal final : public TerminalService {
 public:
  Result<TerminalLine> lend(std::string_view notice) override {
    std::array<int, 2> stream{};
    std::array<int, 2> sizes{};
    const std::array<uint16_t, 2> size{30, 100};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream.data()), 0);
    EXPECT_EQ(::pipe2(sizes.data(), O_CLOEXEC), 0);
    const UniqueFd typist(stream[1]);
    const UniqueFd teller(sizes[1]);
    EXPECT_TRUE(write_all(typist.get(), notice).ok());
    EXPECT_EQ(::write(teller.get(), size.data(), sizeof(size)), 4);
    return TerminalLine{UniqueFd(stream[0]), UniqueFd(sizes[0])};
  }
};

// One user's credentials for 127.0.0.1:5000, which gives tokens that say what they are for.
class FixedAuth final : public AuthService {
 public:
  Result<std::optional<oci::Credentials>> credentials(std::string_view registry) const override {
    return registry == "127.0.0.1:5000"
               ? std::optional<oci::Credentials>(oci::Credentials("user", "pass"))
               : std::nullopt;
  }
  Result<oci::Entry> entry(std::string_view) const override { return oci::Entry::kToken; }
  Result<oci::Token> token(std::string_view registry,
                           const std::vector<std::string>& scopes) const override {
    return registry == "127.0.0.1:5000" && !scopes.empty()
               ? Result<oci::Token>(oci::Token("for " + scopes.back(), 300))
               : Status(Code::kNotFound, "none");
  }
};

// Keeps every event as "type body".
struct Listener {
  std::mutex mutex;
  std::vector<std::string> heard;

  Publish publish() {
    return [this](std::string type, json::object body) {
      std::lock_guard lock(mutex);
      heard.push_back(type + " " + json::serialize(body));
    };
  }
};

// What one file is, without an index.
inline PluginFile look_at(const std::filesystem::path& file) {
  PluginIndex index;
  return plugin_at(file, "test", index);
}

// A test plugin, loaded from its .so and ready for create().
inline std::unique_ptr<Plugin> load_test_plugin(const std::string& name,
                                                const std::shared_ptr<const Host>& host) {
  auto code = load_plugin(look_at(test_plugin(name)));
  EXPECT_TRUE(code.ok()) << code.status().to_string();
  return code.ok() ? std::make_unique<Plugin>(*std::move(code), host) : nullptr;
}

}  // namespace ktl
