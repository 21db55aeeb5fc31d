// Machines and policies for the tests of lib/jail.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "jail/jail.h"
#include "jail/parser.h"

namespace ktl::jail {

inline Machine a_machine(uid_t uid = 0) {
  Machine machine;
  machine.uid = uid;
  machine.gid = uid;
  machine.hard_limits = {{"nofile", 20'000}};
  machine.variable = [](const std::string& name) -> std::optional<std::string> {
    return name == "PROJECT" ? std::optional<std::string>("/tmp") : std::nullopt;
  };
  return machine;
}

inline Message a_policy(const std::string& text) {
  auto policy = parse_policy("p.cfg", text);
  return policy.ok() ? *policy : Message(policy_schema());
}

// A folder of the test's own, gone with it.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& where = std::filesystem::temp_directory_path()) {
    std::string name = where / "ktl-jail-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }
  std::string file(const std::string& name, const std::string& text = "x") const {
    std::filesystem::create_directories(std::filesystem::path(*this / name).parent_path());
    std::ofstream(*this / name) << text;
    return *this / name;
  }
  std::string folder(const std::string& name) const {
    std::filesystem::create_directories(*this / name);
    return *this / name;
  }

 private:
  std::string path_;
};

}  // namespace ktl::jail
