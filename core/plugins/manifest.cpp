#include "core/plugins/manifest.h"

#include <ktl/plugin.h>

#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "core/document/schemas.h"
#include "core/plugins/elf.h"

namespace ktl {
namespace {

constexpr size_t kMaxManifest = 1U << 20U;
constexpr size_t kAbiShown = 12;
// Entries that other versions of ktl look for: a plugin with one of these is one, but not for us.
constexpr std::string_view kStableEntry = "ktl_plugin_v1_entry";

Status invalid(const std::string& path, const std::string& what) {
  return {Code::kInvalidArgument, "manifest" + path + ": " + what};
}

PluginFlag::Value value_kind(std::string_view word) {
  return word == "required"   ? PluginFlag::Value::kRequired
         : word == "optional" ? PluginFlag::Value::kOptional
                              : PluginFlag::Value::kNone;
}

PluginFlag::Type type_kind(std::string_view word) {
  return word == "text"     ? PluginFlag::Type::kText
         : word == "int"    ? PluginFlag::Type::kInt
         : word == "path"   ? PluginFlag::Type::kPath
         : word == "places" ? PluginFlag::Type::kPlaces
                            : PluginFlag::Type::kBool;
}

PluginFlag flag_of(const json::value& node) {
  PluginFlag flag;
  flag.name = text_of(node, "name");
  flag.aliases = texts_of(node, "alias");
  flag.value = value_kind(text_of(node, "value"));
  flag.type = type_kind(text_of(node, "type"));
  const json::value* fallback = field_of(node, "default");
  flag.fallback = fallback == nullptr ? json::value() : *fallback;
  flag.implicit = text_of(node, "implicit");
  flag.values = texts_of(node, "values");
  flag.group = text_of(node, "group");
  flag.help = text_of(node, "help");
  flag.config = text_of(node, "config");
  return flag;
}

// What the schema cannot say about one flag.
Status check_flag(const std::string& path, const PluginFlag& flag) {
  bool is_switch = flag.value == PluginFlag::Value::kNone;
  if (is_switch && flag.type != PluginFlag::Type::kBool) {
    return invalid(path, "a flag without a value is of type bool");
  }
  bool fits = flag.fallback.is_null() ||
              (flag.type == PluginFlag::Type::kBool && flag.fallback.is_bool()) ||
              (flag.type == PluginFlag::Type::kText && flag.fallback.is_string()) ||
              (flag.type == PluginFlag::Type::kInt && flag.fallback.is_number());
  return fits ? Status() : invalid(path + "/default", "must be of the flag's type");
}

Status check_flags(const std::vector<PluginFlag>& flags) {
  std::vector<std::string> names;
  for (size_t i = 0; i < flags.size(); ++i) {
    std::string path = "/flags/" + std::to_string(i);
    KTL_TRY(check_flag(path, flags[i]));
    names.push_back(flags[i].name);
    names.insert(names.end(), flags[i].aliases.begin(), flags[i].aliases.end());
  }
  std::sort(names.begin(), names.end());
  auto twin = std::adjacent_find(names.begin(), names.end());
  return twin == names.end() ? Status() : invalid("/flags", "two flags are called " + *twin);
}

// Unknown keys in a configuration are typing mistakes, so every plugin has to refuse them.
Status check_config_schema(const json::value& config) {
  auto compiled = Schema::compile(config);
  if (!compiled.ok()) {
    return std::move(compiled).status().in("manifest/config");
  }
  const auto* additional = field_of(config, "additionalProperties");
  bool closed = text_of(config, "type") == "object" && additional != nullptr &&
                additional->is_bool() && !additional->get_bool();
  return closed ? Status()
                : invalid("/config",
                          "must say \"type\": \"object\" and "
                          "\"additionalProperties\": false");
}

Status not_a_plugin(const std::string& why) {
  return {Code::kInvalidArgument, "not a ktl plugin: " + why};
}

Status check_entry(const ElfFile& file) {
  constexpr std::array<std::string_view, 2> kEntries = {KTL_PLUGIN_ENTRY, kStableEntry};
  KTL_ASSIGN(std::vector<std::string> found, file.exported(kEntries));
  if (std::find(found.begin(), found.end(), KTL_PLUGIN_ENTRY) != found.end()) {
    return {};
  }
  if (!found.empty()) {
    return Status(Code::kFailedPrecondition, "it needs plugin ABI 1 (" + found.front() +
                                                 "), this ktl offers the draft ABI (" +
                                                 KTL_PLUGIN_ENTRY + ")")
        .advise("use a newer ktl, or build the plugin with this ktl's SDK");
  }
  return not_a_plugin("it has no symbol " KTL_PLUGIN_ENTRY);
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text) {
  auto parsed = parse_json(text, kMaxManifest);
  return parsed.ok() ? manifest_of(*parsed) : std::move(parsed).status().in("manifest");
}

Result<Manifest> manifest_of(const json::value& written) {
  KTL_ASSIGN(json::value document, judged_manifest(written));
  return manifest_from_judged(document);
}

Result<json::value> judged_manifest(const json::value& written) {
  KTL_ASSIGN(Schema schema, document_schema("manifest-1"));
  KTL_TRY(schema.validate(written, "manifest"));
  json::value document = schema.with_defaults(written);
  KTL_ASSIGN(Manifest manifest, manifest_from_judged(document));
  if (manifest.replaces == manifest.id) {
    return invalid("/replaces", "a plugin cannot replace itself");
  }
  KTL_TRY(check_flags(manifest.flags));
  KTL_TRY(check_config_schema(manifest.config));
  return document;
}

Result<Manifest> manifest_from_judged(const json::value& document) {
  const json::value* config = field_of(document, "config");
  const json::value* flags = field_of(document, "flags");
  const json::value* commands = field_of(document, "commands");
  if (config == nullptr || flags == nullptr || !flags->is_array() || commands == nullptr ||
      !commands->is_array()) {
    return invalid("", "config, flags or commands are missing");
  }
  Manifest manifest{std::string(text_of(document, "id")),
                    std::string(text_of(document, "version")),
                    std::string(text_of(document, "summary")),
                    std::string(text_of(document, "side")),
                    std::string(text_of(document, "abi")),
                    texts_of(document, "interfaces"),
                    *config,
                    {},
                    {},
                    std::string(text_of(document, "replaces"))};
  for (const auto& flag : flags->get_array()) {
    manifest.flags.push_back(flag_of(flag));
  }
  if (const json::value* demand = field_of(document, "on_demand")) {
    manifest.on_demand = {texts_of(*demand, "keys"), std::string(text_of(*demand, "companion")),
                          std::string(text_of(*demand, "companion_key"))};
  }
  for (const auto& command : commands->get_array()) {
    manifest.commands.push_back(
        {std::string(text_of(command, "name")), std::string(text_of(command, "summary"))});
  }
  return manifest;
}

Result<json::value> read_manifest_document(int fd) {
  auto file = ElfFile::open(fd);
  if (!file.ok()) {
    return not_a_plugin(file.status().message());
  }
  KTL_TRY(check_entry(*file));
  auto text = file->section(KTL_MANIFEST_SECTION, kMaxManifest);
  if (!text.ok()) {
    return not_a_plugin(text.status().message());
  }
  auto document = parse_json(*text, kMaxManifest);
  return document.ok() ? document : std::move(document).status().in("manifest");
}

std::string_view manifest_rules() {
  static const std::string digest = sha256_hex(schema_text("manifest-1"));
  return digest;
}

Result<Manifest> read_manifest(int fd) {
  KTL_ASSIGN(json::value document, read_manifest_document(fd));
  return manifest_of(document);
}

std::string_view host_abi() { return KTL_HEADERS_SHA256; }

Status check_abi(const Manifest& manifest) {
  if (manifest.abi == host_abi()) {
    return {};
  }
  return Status(Code::kFailedPrecondition,
                "plugin " + manifest.id + " was built for plugin contract " +
                    manifest.abi.substr(0, kAbiShown) + ", this ktl speaks " +
                    std::string(host_abi().substr(0, kAbiShown)))
      .advise("build the plugin again with the SDK of this ktl");
}

}  // namespace ktl
