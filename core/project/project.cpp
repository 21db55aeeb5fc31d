#include "core/project/project.h"

#include <array>
#include <memory>

#include "core/document/schemas.h"
#include "core/project/untrusted.h"
#include "yaml/yaml.h"

namespace ktl {
namespace {

// What only a project has.
constexpr std::array<std::string_view, 3> kProjectKeys = {"build", "targets", "default-targets"};

void add_plugins(const ProjectSource& source, const json::value& document, Project& project) {
  const auto* plugins = field_of(document, "plugins");
  for (size_t i = 0; plugins != nullptr && i < plugins->get_array().size(); ++i) {
    const auto& entry = plugins->get_array()[i];
    std::string pointer = "/plugins/" + std::to_string(i);
    PluginWish wish;
    wish.id = text_of(entry, "id");
    if (auto path = text_of(entry, "path"); !path.empty()) {
      wish.path = source.absolute(path);
    }
    wish.sha256 = text_of(entry, "sha256");
    wish.enabled = bool_of(entry, "enabled", true);
    wish.replaces = text_of(entry, "replaces");
    wish.isolate = bool_of(entry, "isolate");
    if (const auto* config = field_of(entry, "config")) {
      wish.config = *config;
    }
    wish.origin = source.place(pointer);
    wish.locate = [source, config = pointer + "/config"](std::string_view path) {
      return source.place(config + std::string(path));
    };
    project.plugins.push_back(std::move(wish));
  }
}

void add_folders(const ProjectSource& source, const json::value& document, Project& project) {
  std::vector<std::string> folders = texts_of(document, "plugin-dirs");
  for (size_t i = 0; i < folders.size(); ++i) {
    project.plugin_dirs.push_back(
        {source.absolute(folders[i]), source.place("/plugin-dirs/" + std::to_string(i)), false});
  }
}

void add_defaults(const ProjectSource& source, const json::value& document, Project& project) {
  if (const auto* builder = field_of(document, "builder")) {
    project.defaults.push_back(
        {"builder", {std::string(builder->get_string())}, source.place("/builder"), "/", false});
  }
  if (const auto* flags = field_of(document, "defaults")) {
    add_flag_settings(source, "/defaults", *flags, project.defaults);
  }
  if (const auto* build = field_of(document, "build")) {
    add_target_settings(source, "/build", *build, project.build);
  }
}

Status add_targets(const ProjectSource& source, const json::value& document, Project& project) {
  KTL_ASSIGN(project.targets, read_targets(source, document));
  project.default_targets = texts_of(document, "default-targets");
  KTL_TRY(check_target_names(source, "/default-targets", project.default_targets, project.targets));
  if (field_of(document, "default-targets") == nullptr) {
    for (const Target& target : project.targets) {
      project.default_targets.push_back(target.name);
    }
  }
  return {};
}

Result<Project> read_document(const ProjectSource& source, const Status& untrusted) {
  const json::value& document = source.yaml->value;
  Project project;
  project.file = source.file;
  project.trusted = untrusted.ok();
  if (document.is_null()) {
    return project;
  }
  KTL_ASSIGN(Schema schema, document_schema("project-1"));
  KTL_TRY(schema.validate(document, source.file.filename().native(),
                          [&](std::string_view path) { return source.place(path); }));
  if (!untrusted.ok()) {
    KTL_TRY(check_untrusted_keys(source, document, untrusted));
  }
  add_defaults(source, document, project);
  KTL_TRY(add_targets(source, document, project));
  project.profiles = read_profiles(source, document);
  add_plugins(source, document, project);
  add_folders(source, document, project);
  KTL_ASSIGN(project.registries, read_registries(source, document));
  KTL_ASSIGN(project.builders, read_builders(source, document));
  if (!untrusted.ok()) {
    KTL_TRY(check_untrusted(project, untrusted));
  }
  return project;
}

}  // namespace

Result<Project> parse_project(std::string_view text, const ProjectReading& reading) {
  KTL_ASSIGN(YamlDocument yaml, parse_yaml(text, reading.file.native()));
  ProjectSource source{.file = reading.file, .yaml = nullptr, .overridden = {}};
  KTL_TRY(apply_overrides(reading.overrides, yaml.value, source.overridden));
  source.yaml = std::make_shared<const YamlDocument>(std::move(yaml));
  return read_document(source, reading.untrusted);
}

Result<Project> parse_user_config(std::string_view text, const std::filesystem::path& file) {
  KTL_ASSIGN(YamlDocument yaml, parse_yaml(text, file.native()));
  ProjectSource source{file, std::make_shared<const YamlDocument>(std::move(yaml)), {}};
  for (std::string_view key : kProjectKeys) {
    if (field_of(source.yaml->value, key) != nullptr) {
      return source.fault("/" + std::string(key), "\"" + std::string(key) + "\" is a project's")
          .advise("write it into the ktl.yaml of the project that it is about");
    }
  }
  return read_document(source, {});
}

}  // namespace ktl
