#include "file_outputs.h"

#include "solve_request.h"

namespace ktl::solver {

Result<FileOutputs> FileOutputs::make(const std::filesystem::path& cache, const std::string& ref,
                                      const json::value& plan) {
  FileOutputs made;
  const std::vector<json::value> outputs = solver::file_outputs(plan);
  if (outputs.empty()) {
    return made;
  }
  KTL_ASSIGN(made.folder_, SpoolFolder::make(cache / "outputs", ref));
  for (size_t i = 0; i < outputs.size(); ++i) {
    FileTarget target{made.folder_.path() / std::to_string(i),
                      text_of(outputs[i], "type") == "local"};
    std::error_code error;
    if (target.folder && !std::filesystem::create_directory(target.path, error)) {
      return errno_status("make " + target.path.string(), error.value());
    }
    made.targets_[std::to_string(i + 1)] = std::move(target);  // exporter 0 is the image's
  }
  return made;
}

json::array FileOutputs::document() const {
  json::array files;
  for (size_t i = 0; i < targets_.size(); ++i) {
    const FileTarget& target = targets_.at(std::to_string(i + 1));
    files.emplace_back(
        json::object{{"path", target.path.string()}, {"kind", target.folder ? "folder" : "tar"}});
  }
  return files;
}

}  // namespace ktl::solver
