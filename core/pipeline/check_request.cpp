#include <fcntl.h>

#include <filesystem>

#include "base/fd.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

// Documents are UTF-8: another path could not be said to a plugin as it is.
Status check_path(const std::string& path) {
  if (valid_utf8(path) != path) {
    return Status(Code::kInvalidArgument, "the path is not valid UTF-8").at(valid_utf8(path));
  }
  return {};
}

Status check_context(const Request& request) {
  KTL_TRY(check_path(request.context));
  KTL_TRY(check_path(request.file));
  if (request.context_kind != "folder") {
    return {};  // the builder reads it, and says what is wrong with it
  }
  if (fs::path(request.context).is_relative()) {
    return {Code::kInvalidArgument, "the context has to be an absolute path"};
  }
  auto folder = open_file(request.context, O_RDONLY | O_DIRECTORY);
  if (folder.ok()) {
    return {};
  }
  std::error_code ignored;
  bool file = fs::is_regular_file(request.context, ignored);
  Status status = file ? Status(Code::kInvalidArgument, "the context is a file, not a folder")
                  : folder.status().code() == Code::kNotFound
                      ? Status(Code::kNotFound, "there is no such context folder")
                      : folder.status();
  return std::move(status)
      .at(request.context)
      .advise(file ? "name the Dockerfile with -f"
                   : "ktl build PATH takes the folder "
                     "whose files the build may use");
}

// The Record is written whatever happens, so its folder has to be there before anything does.
Status make_record_folder(Build& build) {
  std::error_code error;
  fs::create_directories(build.record_file().parent_path(), error);
  if (error) {
    return build.fail({Stage::kExport, errno_status("make the folder for records", error.value())
                                           .at(build.record_file().parent_path())
                                           .advise("XDG_STATE_HOME chooses another place")});
  }
  return {};
}

}  // namespace

Status check_request(Build& build) {
  const Request& request = build.request();
  std::string name = fs::path(request.context).lexically_normal().filename();
  build.publish("build.started/1",
                {{"name", valid_utf8(request.tags.empty() ? name : request.tags.front())},
                 {"context", valid_utf8(request.context)},
                 {"file", valid_utf8(request.file)},
                 {"builder", request.builder}});
  KTL_TRY(check_context(request));
  KTL_TRY(make_record_folder(build));
  return announce_fence(build);
}

}  // namespace ktl
