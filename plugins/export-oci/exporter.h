// ktl.export/1: ktl's own store, OCI layouts and registries.
#pragma once

#include <ktl/interfaces.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "destination.h"
#include "oci/blob_folder.h"
#include "oci/layout_image.h"
#include "pusher.h"
#include "wish.h"

namespace ktl::export_oci {

// The plugin's class. Registries' tags are set first, since that is what can fail; renames on this
// machine follow.
class ImageExporter : public Exporter, public Runner {
 public:
  ImageExporter(Call& call, std::string_view config);

  std::string choose(Call& call, std::string_view plan) override;
  std::string stage(Call& call, std::string_view solved) override;
  std::string commit(Call& call, std::string_view solved) override;
  std::string rollback(Call& call, std::string_view solved) override;
  std::string run(Call& call, std::string_view command) override;

 private:
  // What one build's stage made, until commit or rollback.
  struct Job {
    Wish wish;
    oci::BlobFolder store;
    oci::LayoutImage image;
    std::vector<Destination> destinations;
    std::optional<Destination> docker;  // the archive that docker is given
    std::vector<std::filesystem::path> files;
  };

  Result<Job> open_job(const Call& call, std::string_view solved) const;
  Status stage_places(const Call& call, Job& job);
  Status stage_job(const Call& call, Job& job);
  static Status load(const Call& call, Job& job);
  Status commit_job(const Call& call, Job& job);
  void undo(const Call& call);

  Pusher pusher_;
  const int64_t store_limit_;  // bytes
  std::optional<Job> job_;
};

}  // namespace ktl::export_oci
