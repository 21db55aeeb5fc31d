#include "core/plugins/manifest.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "host/rig.h"

namespace ktl {
namespace {

std::string text_with(const std::string& more) {
  return R"({"schema":"ktl.manifest/1","id":"a.b","version":"1.0.0","summary":"s","abi":")" +
         std::string(64, 'a') + R"(","interfaces":["ktl.scan/1"])" + more + "}";
}

std::string refusal(const std::string& text) {
  auto manifest = parse_manifest(text);
  return manifest.ok() ? "accepted" : manifest.status().message();
}

std::string refusal_of_file(const std::filesystem::path& path) {
  auto fd = open_file(path, O_RDONLY);
  auto manifest = fd.ok() ? read_manifest(fd->get()) : Result<Manifest>(fd.status());
  return manifest.ok() ? "accepted" : manifest.status().message();
}

TEST(Manifest, IsReadFromTheFileWithoutLoadingIt) {
  auto fd = open_file(test_plugin("block-scan"), O_RDONLY);
  auto manifest = read_manifest(fd->get());
  ASSERT_TRUE(manifest.ok()) << manifest.status().to_string();
  EXPECT_EQ(manifest->id, "test.block-scan");
  EXPECT_EQ(manifest->side, "worker");
  EXPECT_EQ(manifest->abi, host_abi());
  EXPECT_EQ(manifest->interfaces, std::vector<std::string>{"ktl.scan/1"});
  EXPECT_TRUE(check_abi(*manifest).ok());
}

TEST(Manifest, SaysWhyAFileIsNoPlugin) {
  TempFolder folder;
  folder.write("text.so", "#!/bin/sh\n");
  folder.write("empty.so", "");
  EXPECT_EQ(refusal_of_file(test_plugin("no-plugin")),
            "not a ktl plugin: it has no symbol ktl_plugin_draft_entry");
  EXPECT_EQ(refusal_of_file(test_plugin("no-manifest")),
            "not a ktl plugin: no section .ktl.manifest");
  EXPECT_EQ(refusal_of_file(folder / "text.so"),
            "not a ktl plugin: not a shared object for this machine");
  EXPECT_EQ(refusal_of_file(folder / "empty.so"),
            "not a ktl plugin: not a shared object for this machine");
  EXPECT_EQ(refusal_of_file("/dev/null"), "not a ktl plugin: not a regular file");
  EXPECT_EQ(refusal_of_file(test_plugin("later-abi")),
            "it needs plugin ABI 1 (ktl_plugin_v1_entry), this ktl offers the draft ABI "
            "(ktl_plugin_draft_entry)");
}

TEST(Manifest, AnotherAbiIsASentence) {
  auto fd = open_file(test_plugin("other-abi"), O_RDONLY);
  auto manifest = read_manifest(fd->get());
  ASSERT_TRUE(manifest.ok());
  auto status = check_abi(*manifest);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "plugin test.other-abi was built for plugin contract 000000000000, "
            "this ktl speaks " +
                std::string(host_abi().substr(0, 12)));
}

// Every prefix and many single-byte changes of a real plugin: an answer, never a crash.
TEST(Manifest, SurvivesDamagedFiles) {
  auto whole = read_file(test_plugin("block-scan"), 64U << 20U);
  ASSERT_TRUE(whole.ok());
  UniqueFd file(memfd_create("damaged", MFD_CLOEXEC));
  auto answered = [&](std::string_view bytes) {
    EXPECT_EQ(ftruncate(file.get(), 0), 0);
    EXPECT_EQ(pwrite(file.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    auto manifest = read_manifest(file.get());
    return manifest.ok() || !manifest.status().message().empty();
  };
  for (size_t size = 0; size < whole->size(); size += 997) {
    EXPECT_TRUE(answered(std::string_view(*whole).substr(0, size)));
  }
  for (size_t at = 0; at < 64; ++at) {  // the ELF header
    std::string damaged = *whole;
    damaged[at] = static_cast<char>(damaged[at] ^ '\xFF');
    EXPECT_TRUE(answered(damaged));
  }
}

TEST(Manifest, FillsDefaultsAndReadsFlags) {
  auto manifest = parse_manifest(
      text_with(R"(,"flags":[{"name":"push","alias":["publish"],"help":"h"},)"
                R"({"name":"oci","value":"optional","type":"text","implicit":"store","help":"h"}],)"
                R"("commands":[{"name":"builder","summary":"s"}])"));
  ASSERT_TRUE(manifest.ok()) << manifest.status().to_string();
  ASSERT_EQ(manifest->flags.size(), 2U);
  EXPECT_EQ(manifest->flags[0].aliases, std::vector<std::string>{"publish"});
  EXPECT_EQ(manifest->flags[0].value, PluginFlag::Value::kNone);
  EXPECT_TRUE(manifest->flags[0].fallback.is_null());
  EXPECT_EQ(manifest->flags[1].value, PluginFlag::Value::kOptional);
  EXPECT_EQ(manifest->flags[1].type, PluginFlag::Type::kText);
  EXPECT_EQ(manifest->flags[1].implicit, "store");
  EXPECT_EQ(manifest->commands[0].name, "builder");
  EXPECT_EQ(manifest->config, json_of(R"({"type":"object","additionalProperties":false})"));
}

TEST(Manifest, NamesThePathOfAFault) {
  EXPECT_EQ(refusal(text_with(R"(,"flgas":[])")), "manifest/flgas: unknown key \"flgas\"");
  EXPECT_EQ(refusal(text_with(R"(,"flags":[{"name":"A","help":"h"}])")),
            "manifest/flags/0/name: must match \"^[a-z][a-z0-9-]*$\"");
  EXPECT_EQ(refusal(text_with(R"(,"flags":[{"name":"a","value":"required","type":"path",)"
                              R"("default":"x","help":"h"}])")),
            "manifest/flags/0/default: must be of the flag's type");
  EXPECT_EQ(refusal(text_with(R"(,"flags":[{"name":"a","type":"int","help":"h"}])")),
            "manifest/flags/0: a flag without a value is of type bool");
  EXPECT_EQ(refusal(text_with(R"(,"flags":[{"name":"a","default":"x","help":"h"}])")),
            "manifest/flags/0/default: must be of the flag's type");
  EXPECT_EQ(refusal(text_with(
                R"(,"flags":[{"name":"a","help":"h"},{"name":"b","alias":["a"],"help":"h"}])")),
            "manifest/flags: two flags are called a");
  EXPECT_EQ(refusal(text_with(R"(,"config":{"type":"object"})")),
            "manifest/config: must say \"type\": \"object\" and \"additionalProperties\": false");
  EXPECT_EQ(refusal(text_with(R"(,"config":{"format":"x"})")),
            "manifest/config: schema /format: is not among the keywords that ktl knows");
  EXPECT_EQ(refusal("{"), "manifest: not JSON at byte 1: incomplete JSON");
}

}  // namespace
}  // namespace ktl
