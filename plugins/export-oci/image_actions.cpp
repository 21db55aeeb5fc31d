#include "image_actions.h"

#include <unistd.h>

#include "destination.h"
#include "docker_load.h"
#include "folders.h"
#include "network.h"
#include "oci/store.h"

namespace ktl::export_oci {
namespace {

std::filesystem::path store_of(const Call& call) { return call.path(call.content().folder); }

Result<std::vector<oci::Reference>> names_of(const std::string& name) {
  std::vector<oci::Reference> names;
  if (!name.empty()) {
    KTL_ASSIGN(oci::Reference reference, oci::parse_tag(name));
    names.push_back(std::move(reference));
  }
  return names;
}

// An image in the store, which is held open meanwhile.
struct Opened {
  oci::Store store;
  oci::LayoutImage image;
};

Result<Opened> open_image(const Call& call, const oci::KeptImage& kept,
                          const std::vector<oci::Reference>& names) {
  KTL_ASSIGN(oci::Store store, oci::Store::open(store_of(call)));
  oci::Descriptor root = kept.root;
  root.annotations.clear();  // the name in the store is none in another place
  KTL_ASSIGN(oci::LayoutImage image, oci::layout_image(store.blobs(), root, names));
  return Opened{std::move(store), std::move(image)};
}

Result<std::string> push(const Call& call, const json::value& command, Pusher& pusher,
                         const oci::KeptImage& kept, const std::string& name) {
  KTL_ASSIGN(const std::vector<oci::Reference> names, names_of(name));
  if (names.empty()) {
    return Status(Code::kInvalidArgument, "the image has no name to push it under")
        .advise("write ktl image push IMAGE NAME");
  }
  KTL_ASSIGN(Opened opened, open_image(call, kept, names));
  Network network(call, oci::registry_rules(command));
  const PushPort& port = network.port(false);
  KTL_TRY(pusher.stage(names, opened.store.blobs(), opened.image, port));
  KTL_TRY(pusher.commit(names, opened.store.blobs(), opened.image, port));
  return "registry " + kept.root.digest + " " + names[0].str() + "\n";
}

Result<Destination> staged(const Call& call, const Opened& opened, const Place& place) {
  sweep_outputs(notes_of(call));
  const Destination::Content content{
      opened.store.blobs(), opened.image, {}, cache_of(call), notes_of(call)};
  return Destination::stage(place, content, stop_of(call));
}

Result<std::string> load(const Call& call, const oci::KeptImage& kept) {
  KTL_ASSIGN(const std::string socket, docker_socket());
  KTL_ASSIGN(const std::vector<oci::Reference> names, names_of(kept.name));
  KTL_ASSIGN(const Opened opened, open_image(call, kept, names));
  const Place archive{Place::Kind::kDocker,
                      cache_of(call) / ("load-" + std::to_string(::getpid()) + ".tar")};
  KTL_ASSIGN(Destination made, staged(call, opened, archive));
  KTL_TRY(made.commit());
  http::Client client(call.cancel_fd());
  Status status = docker_load(client, socket, archive.path);
  ::unlink(archive.path.c_str());
  KTL_TRY(std::move(status));
  return "docker " + kept.root.digest + " " + kept.name + "\n";
}

Result<std::string> write(const Call& call, const oci::KeptImage& kept, const std::string& word) {
  const bool archive = word.ends_with(".tar");
  const Place place{archive ? Place::Kind::kArchive : Place::Kind::kLayout,
                    std::filesystem::absolute(word).lexically_normal()};
  if (Status fit = check_destination(place); !fit.ok()) {
    return Status(Code::kInvalidArgument, fit.message()).at(fit.where()).advise(fit.next());
  }
  KTL_ASSIGN(const std::vector<oci::Reference> names, names_of(kept.name));
  KTL_ASSIGN(const Opened opened, open_image(call, kept, names));
  KTL_ASSIGN(Destination made, staged(call, opened, place));
  KTL_TRY(made.commit());
  return "oci " + kept.root.digest + " " + place.path.string() + "\n";
}

}  // namespace

ImageActions image_actions(const Call& call, const json::value& command, Pusher& pusher) {
  return {.push = [&](const oci::KeptImage& image,
                      const std::string& name) { return push(call, command, pusher, image, name); },
          .load = [&](const oci::KeptImage& image) { return load(call, image); },
          .write = [&](const oci::KeptImage& image,
                       const std::string& place) { return write(call, image, place); }};
}

}  // namespace ktl::export_oci
