// Which outputs are being written, so that what a killed ktl left of one goes with the next build.
#pragma once

#include <filesystem>

#include "base/status.h"

namespace ktl::export_oci {

// A file in a folder of notes while an output is written; removed with this object. To be held
// together with the output's OutputLock. Not thread-safe.
class OutputNote {
 public:
  enum class Kind : uint8_t {
    kDestination,  // the user's: only what it is prepared under may go
    kTemporary,    // ours: it goes as well
  };

  // `folder` is made with mode 0700 when it is not there; `path` is absolute.
  static Result<OutputNote> make(const std::filesystem::path& folder,
                                 const std::filesystem::path& path, Kind kind);

  OutputNote(OutputNote&& other) noexcept;
  OutputNote& operator=(OutputNote&&) = delete;
  ~OutputNote();

 private:
  explicit OutputNote(std::filesystem::path file) : file_(std::move(file)) {}
  std::filesystem::path file_;
};

// Removes what is left of the outputs noted in `folder` whose writer is gone. What somebody still
// writes, and what cannot be removed, stays as it is.
void sweep_outputs(const std::filesystem::path& folder);

}  // namespace ktl::export_oci
