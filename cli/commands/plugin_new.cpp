// `ktl plugin new`: a plugin to start from, that builds anywhere and passes `ktl plugin check`.
#include <stdlib.h>

#include <algorithm>

#include "base/fd.h"
#include "cli/commands/command.h"
#include "cli/options/common_options.h"
#include "cli/request/convert.h"
#include "cli/templates.h"
#include "core/plugins/manifest.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string_view text, std::string_view word, const std::string& by) {
  std::string result(text);
  for (size_t at = 0; (at = result.find(word, at)) != std::string::npos; at += by.size()) {
    result.replace(at, word.size(), by);
  }
  return result;
}

// The target's and the file's name: com.example.scan -> com-example-scan.
std::string name_of(std::string id) {
  std::ranges::replace(id, '.', '-');
  return id;
}

std::string filled(std::string_view text, const std::string& id) {
  return replaced(replaced(text, "@ID@", id), "@NAME@", name_of(id));
}

// What would be a manifest is judged as one, before anything is written.
Status check_id(const std::string& id) {
  auto manifest = std::ranges::find(kTemplates, "manifest.json", &Template::name);
  KTL_ASSIGN(json::value document, parse_json(filled(manifest->text, id)));
  document.as_object()["abi"] = host_abi();
  Status status = manifest_of(document).status();
  return status.ok()
             ? Status()
             : Status(Code::kInvalidArgument, "--id " + id + " is no plugin's id")
                   .advise("dotted lower-case names, the first one yours: com.example.scan");
}

// Beside `folder`, then in its place: all of it or nothing.
Status write_folder(const fs::path& folder, const std::string& language, const std::string& id) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return Status(Code::kAlreadyExists, folder.native() + " exists and is not empty")
        .advise("name a folder that does not exist");
  }
  std::string temporary = folder.native() + ".XXXXXX";
  if (mkdtemp(temporary.data()) == nullptr) {
    return errno_status("create a folder beside " + folder.native(), errno);
  }
  Status status;
  for (const auto& file : kTemplates) {
    if (file.language == language && status.ok()) {
      status = write_file_atomic(fs::path(temporary) / file.name, filled(file.text, id));
    }
  }
  if (status.ok()) {
    fs::permissions(temporary, fs::perms(0755), error);
    fs::rename(temporary, folder, error);
    status = error ? errno_status("rename to " + folder.native(), error.value()) : Status();
  }
  if (!status.ok()) {
    fs::remove_all(temporary, error);
  }
  return status;
}

Result<std::string> write_plugin(const Invocation& invocation) {
  static const FlagSet flags(plugin_new_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  KTL_ASSIGN(Settings settings, gather(flags, parsed, invocation.environment, {}));
  std::string id = word_of(settings, "id");
  if (parsed.words.size() != 1 || id.empty()) {
    return Status(Code::kInvalidArgument, "ktl plugin new needs a folder and an id")
        .advise("ktl plugin new --lang cpp my-plugin --id com.example.scan");
  }
  KTL_TRY(check_id(id));
  fs::path folder = absolute(invocation.directory, parsed.words[0]);
  KTL_TRY(write_folder(folder, word_of(settings, "lang", "cpp"), id));
  return folder.native() + "\n";
}

}  // namespace

int run_plugin_new(const Invocation& invocation) {
  Result<std::string> written = write_plugin(invocation);
  if (!written.ok()) {
    return fail(invocation.console, written.status());
  }
  invocation.console.out(*written);
  return 0;
}

}  // namespace ktl::cli
