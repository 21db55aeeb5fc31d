#include "core/pipeline/dockerfile_input.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/fd.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 1U << 20U;

bool beneath(const fs::path& relative) {
  return !relative.empty() && relative.is_relative() && *relative.begin() != "..";
}

Result<std::string> read_beneath(const fs::path& root, const fs::path& relative) {
  KTL_ASSIGN(UniqueFd folder, open_file(root, O_RDONLY | O_DIRECTORY));
  // O_NONBLOCK: opening a fifo must not wait for somebody to write into it.
  KTL_ASSIGN(UniqueFd file, open_beneath(folder.get(), relative, O_RDONLY | O_NONBLOCK));
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return Status(Code::kInvalidArgument, relative.string() + " is not a regular file");
  }
  return read_all(file.get(), kMaxBytes);
}

Result<DockerfileInput> read_at(const fs::path& context, const fs::path& file) {
  fs::path relative = file.lexically_relative(context);
  bool inside = beneath(relative);
  DockerfileInput input;
  input.dir = file.parent_path();
  input.name = file.filename();
  input.shown = inside ? relative : file;
  KTL_ASSIGN(input.text, inside ? read_beneath(context, relative)
                                : read_beneath(file.parent_path(), file.filename()));
  return input;
}

}  // namespace

Result<DockerfileInput> read_dockerfile(const Request& request) {
  const fs::path context = fs::path(request.context).lexically_normal();
  const bool usual = request.file.empty();
  const fs::path file = usual ? context / "Dockerfile" : fs::path(request.file).lexically_normal();
  auto input = read_at(context, file);
  if (usual && input.status().code() == Code::kNotFound) {
    input = read_at(context, context / "dockerfile");
  }
  if (input.ok()) {
    return input;
  }
  if (input.status().code() == Code::kNotFound) {
    return Status(Code::kNotFound, "there is no Dockerfile")
        .at(file)
        .advise(usual ? "name another file with -f FILE" : "check the path given with -f");
  }
  return input.status().in("read the Dockerfile").at(file);
}

}  // namespace ktl
