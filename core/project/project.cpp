#include "core/project/project.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/document/schemas.h"
#include "core/project/yaml.h"

namespace ktl {
namespace {

// How a key of the file becomes the words of a flag.
enum class Shape { kText, kSwitch, kList, kMap, kPath };
struct Key {
  std::string_view pointer;
  std::string_view option;
  Shape shape;
};
constexpr std::array<Key, 10> kKeys = {{
    {"/builder", "builder", Shape::kText},
    {"/build/file", "file", Shape::kPath},
    {"/build/target", "target", Shape::kText},
    {"/build/platforms", "platform", Shape::kList},
    {"/build/tags", "tag", Shape::kList},
    {"/build/args", "build-arg", Shape::kMap},
    {"/build/labels", "label", Shape::kMap},
    {"/build/network", "network", Shape::kText},
    {"/build/pull", "pull", Shape::kSwitch},
    {"/build/no-cache", "no-cache", Shape::kSwitch},
}};

// What a file from inside the context may not say: each runs code or picks who runs the build.
constexpr std::array<std::string_view, 3> kTrustedOnly = {"plugins", "plugin-dirs", "builder"};

const json::value* value_at(const json::value& document, std::string_view pointer) {
  const json::value* value = &document;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    auto step = pointer.substr(0, pointer.find('/'));
    value = field_of(*value, step);
    pointer.remove_prefix(step.size());
  }
  return value;
}

class Builder {
 public:
  Builder(const std::filesystem::path& file, bool trusted, YamlDocument yaml)
      : yaml_(std::make_shared<const YamlDocument>(std::move(yaml))) {
    project_.file = file;
    project_.trusted = trusted;
  }

  Result<Project> build() {
    const json::value& document = yaml_->value;
    if (document.is_null()) {
      return std::move(project_);
    }
    KTL_TRY(check_trust(document));
    KTL_ASSIGN(Schema schema, document_schema("project-1"));
    KTL_TRY(schema.validate(document, project_.file.filename().native(),
                            [this](std::string_view path) { return place(path); }));
    for (const auto& key : kKeys) {
      if (const auto* value = value_at(document, key.pointer)) {
        add_setting(key, *value);
      }
    }
    add_plugins(document);
    add_folders(document);
    return check_file();
  }

 private:
  [[nodiscard]] std::string place(std::string_view pointer) const {
    return yaml_->locate(project_.file.native(), pointer);
  }
  [[nodiscard]] std::filesystem::path absolute(std::string_view path) const {
    return (project_.file.parent_path() / path).lexically_normal();
  }

  [[nodiscard]] Status check_trust(const json::value& document) const {
    for (auto key : kTrustedOnly) {
      if (!project_.trusted && field_of(document, key) != nullptr) {
        return Status(Code::kInvalidArgument,
                      "\"" + std::string(key) +
                          "\" is not believed in a file that lies inside the "
                          "build context")
            .at(place("/" + std::string(key)))
            .advise("name the file to trust it: --project " + project_.file.native());
      }
    }
    return {};
  }

  void add_setting(const Key& key, const json::value& value) {
    ProjectSetting setting{std::string(key.option), {}, place(key.pointer)};
    switch (key.shape) {
      case Shape::kText:
        setting.words.emplace_back(value.get_string());
        break;
      case Shape::kPath:
        setting.words.push_back(absolute(value.get_string()).native());
        break;
      case Shape::kSwitch:
        setting.words.emplace_back(value.get_bool() ? "true" : "false");
        break;
      case Shape::kList:
        setting.words = texts_of(json::object{{"list", value}}, "list");
        break;
      case Shape::kMap:
        for (const auto& member : value.get_object()) {
          setting.words.push_back(std::string(member.key()) + "=" +
                                  std::string(member.value().get_string()));
        }
        break;
    }
    project_.settings.push_back(std::move(setting));
  }

  void add_plugins(const json::value& document) {
    const auto* plugins = field_of(document, "plugins");
    for (size_t i = 0; plugins != nullptr && i < plugins->get_array().size(); ++i) {
      const auto& entry = plugins->get_array()[i];
      std::string pointer = "/plugins/" + std::to_string(i);
      PluginWish wish;
      wish.id = text_of(entry, "id");
      if (auto path = text_of(entry, "path"); !path.empty()) {
        wish.path = absolute(path);
      }
      wish.sha256 = text_of(entry, "sha256");
      wish.enabled = bool_of(entry, "enabled", true);
      wish.replaces = text_of(entry, "replaces");
      wish.isolate = bool_of(entry, "isolate");
      if (const auto* config = field_of(entry, "config")) {
        wish.config = *config;
      }
      wish.origin = place(pointer);
      wish.locate = [yaml = yaml_, file = project_.file.native(),
                     config = pointer + "/config"](std::string_view path) {
        return yaml->locate(file, config + std::string(path));
      };
      project_.plugins.push_back(std::move(wish));
    }
  }

  void add_folders(const json::value& document) {
    const auto* folders = field_of(document, "plugin-dirs");
    for (size_t i = 0; folders != nullptr && i < folders->get_array().size(); ++i) {
      project_.plugin_dirs.push_back({absolute(folders->get_array()[i].get_string()),
                                      place("/plugin-dirs/" + std::to_string(i)), false});
    }
  }

  // A file of the context's must not make ktl read, and show lines of, any file of the user's.
  Result<Project> check_file() {
    auto file = std::ranges::find(project_.settings, "file", &ProjectSetting::option);
    if (!project_.trusted && file != project_.settings.end()) {
      auto inside = std::filesystem::path(file->words.front())
                        .lexically_relative(project_.file.parent_path());
      if (inside.empty() || *inside.begin() == "..") {
        return Status(Code::kInvalidArgument, "\"file\" leads out of the project's folder")
            .at(file->origin)
            .advise("name the project file to trust it: --project " + project_.file.native());
      }
    }
    return std::move(project_);
  }

  std::shared_ptr<const YamlDocument> yaml_;  // shared with the wishes' locators
  Project project_;
};

}  // namespace

Result<Project> parse_project(std::string_view text, const std::filesystem::path& file,
                              bool trusted) {
  KTL_ASSIGN(YamlDocument yaml, parse_yaml(text, file.native()));
  return Builder(file, trusted, std::move(yaml)).build();
}

}  // namespace ktl
