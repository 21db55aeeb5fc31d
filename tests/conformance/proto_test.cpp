// Our .proto files against those of the modules that BuildKit is built from: every message and
// field of ours must exist there with the same number and type.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include "base/fd.h"

namespace ktl::solver {
namespace {

namespace fs = std::filesystem;

// "package.Message.field" -> "label type number"; enum values as "package.Enum.NAME" -> number.
using Schema = std::map<std::string, std::string>;

std::string without_comments(std::string text) {
  text = std::regex_replace(text, std::regex(R"(/\*[^]*?\*/)"), "");
  return std::regex_replace(text, std::regex(R"(//[^\n]*)"), "");
}

// Types that we declare anew under another name.
std::string plain_type(std::string type) {
  for (const char* prefix : {"ktl.wellknown.", "google.protobuf.", "moby.buildkit.v1.types."}) {
    if (type.starts_with(prefix)) {
      return type.substr(std::string(prefix).size());
    }
  }
  return type;
}

Schema schema_of(const fs::path& file) {
  Schema schema;
  auto content = read_file(file, 1U << 20U);
  EXPECT_TRUE(content.ok()) << content.status().to_string();
  const std::string text = without_comments(content.ok() ? *content : "");
  static const std::regex token(
      R"(package\s+([\w.]+)\s*;|(?:message|enum|oneof)\s+(\w+)\s*\{|(\})|)"
      R"((?:(repeated)\s+)?(map\s*<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*(\d+)\s*[^;{}]*;|(\w+)\s*=\s*(\d+)\s*;)");
  std::string package;
  std::vector<std::string> scope;
  for (std::sregex_iterator it(text.begin(), text.end(), token), end; it != end; ++it) {
    const std::smatch& m = *it;
    std::string place = package;
    for (const std::string& name : scope) {
      place += "." + name;
    }
    if (m[1].matched) {
      package = m[1];
    } else if (m[2].matched) {
      scope.push_back(m[2]);
    } else if (m[3].matched && !scope.empty()) {
      scope.pop_back();
    } else if (m[6].matched) {
      schema[place + "." + m[6].str()] =
          m[4].str() + " " + plain_type(std::regex_replace(m[5].str(), std::regex(R"(\s)"), "")) +
          " " + m[7].str();
    } else if (m[8].matched) {
      schema[place + "." + m[8].str()] = m[9];
    }
  }
  return schema;
}

// Where scripts/tools put a Go module; a test without it fails on the missing files.
fs::path module_folder(const char* variable) {
  const char* folder = std::getenv(variable);
  EXPECT_NE(folder, nullptr) << variable << " is not set: see build/tools/modules.env";
  return folder == nullptr ? "" : folder;
}

TEST(Proto, FieldsAreThoseOfBuildKit) {
  const fs::path upstream = module_folder("KTL_BUILDKIT_MODULE");
  const fs::path containerd = module_folder("KTL_CONTAINERD_API_MODULE");
  const std::map<std::string, fs::path> files{
      {"control", upstream / "api/services/control/control.proto"},
      {"worker", upstream / "api/types/worker.proto"},
      {"ops", upstream / "solver/pb/ops.proto"},
      {"gateway", upstream / "frontend/gateway/pb/gateway.proto"},
      {"policy", upstream / "sourcepolicy/pb/policy.proto"},
      {"policysession", upstream / "sourcepolicy/policysession/policysession.proto"},
      {"auth", upstream / "session/auth/auth.proto"},
      {"secrets", upstream / "session/secrets/secrets.proto"},
      {"ssh", upstream / "session/sshforward/ssh.proto"},
      {"content", containerd / "services/content/v1/content.proto"}};
  for (const auto& [name, file] : files) {
    const Schema theirs = schema_of(file);
    const Schema ours =
        schema_of(fs::path(KTL_SOURCE_DIR) / "plugins/solver-buildkit/proto" / (name + ".proto"));
    EXPECT_GT(ours.size(), 1U) << name;
    for (const auto& [field, shape] : ours) {
      auto found = theirs.find(field);
      ASSERT_NE(found, theirs.end()) << field << " is not in " << file;
      EXPECT_EQ(shape, found->second) << field;
    }
  }
}

}  // namespace
}  // namespace ktl::solver
