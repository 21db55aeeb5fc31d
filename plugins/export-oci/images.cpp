#include "images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <climits>

#include "base/clock.h"
#include "base/size.h"
#include "oci/blob_folder.h"
#include "oci/manifest.h"
#include "oci/walk.h"

namespace ktl::export_oci {
namespace {

constexpr int64_t kMaxAge = int64_t{100} * 365 * 24 * 3600;

constexpr std::array<SubcommandRow, 8> kCommands = {{
    {"ls", "list the images in ktl's store, the last used first"},
    {"inspect", "show manifest and configuration as JSON", "IMAGE", 1, 1},
    {"push", "push to the registry of its name, or of NAME", "IMAGE [NAME]", 1, 2},
    {"load", "load into the docker of this machine", "IMAGE", 1, 1},
    {"export", "write an OCI image layout, FILE.tar as an archive", "IMAGE DIR|FILE.tar", 2, 2},
    {"rm", "forget images and free what only they needed", "IMAGE ...", 1, 1000},
    {"prune", "remove what no image needs; with an option images as well"},
    {"help", "show this"},
}};

constexpr std::array<SubcommandOption, 5> kOptions = {{
    {"json", "", "ls prune", "the same as JSON"},
    {"all", "", "prune", "every image"},
    {"keep-storage", "SIZE", "prune", "images too, the longest unused first, down to this: 2GB"},
    {"older-than", "SECONDS", "prune", "only what was not used for that long"},
    {"help", "", "ls inspect push load export rm prune help", "show this"},
}};

constexpr SubcommandTable kTable = {"ktl image", "the images in ktl's own store", kCommands,
                                    kOptions};

json::object to_json(const oci::KeptImage& image) {
  return {{"name", image.name},
          {"digest", image.root.digest},
          {"mediaType", image.root.media_type},
          {"platforms", json::array(image.platforms.begin(), image.platforms.end())},
          {"bytes", image.bytes},
          {"used", image.used_unix},
          {"whole", image.whole}};
}

std::string age_of(const oci::KeptImage& image) {
  const int64_t seconds = system_clock().unix_ns() / 1'000'000'000 - image.used_unix;
  return seconds < 3600    ? fmt::format("{} min", std::max<int64_t>(seconds, 0) / 60)
         : seconds < 86400 ? fmt::format("{} h", seconds / 3600)
                           : fmt::format("{} d", seconds / 86400);
}

Result<std::string> list(const CommandLine& line, const std::string& folder) {
  KTL_ASSIGN(const std::vector<oci::KeptImage> images, oci::kept_images(folder));
  json::array all;
  std::string table;
  for (const oci::KeptImage& image : images) {
    all.emplace_back(to_json(image));
    table +=
        fmt::format("{:<48} {:<19} {:>9} {:>7}  {}{}\n", image.name.empty() ? "<none>" : image.name,
                    image.root.digest.substr(0, 19), shown_size(image.bytes), age_of(image),
                    fmt::join(image.platforms, ","), image.whole ? "" : "  (parts are missing)");
  }
  if (line.has("json")) {
    return pretty_json(json::object{{"schema", "ktl.images/1"}, {"images", std::move(all)}});
  }
  return table.empty() ? std::string("the store has no images\n")
                       : fmt::format("{:<48} {:<19} {:>9} {:>7}  {}\n", "NAME", "DIGEST", "SIZE",
                                     "USED", "PLATFORMS") +
                             table;
}

// The documents of an image, each under its digest: index, manifests, configurations.
Result<std::string> inspect(const oci::KeptImage& image, const std::string& folder) {
  KTL_ASSIGN(const oci::BlobFolder blobs, oci::BlobFolder::open(folder));
  const oci::ReadDocument read = oci::documents_of(blobs);
  KTL_ASSIGN(const std::vector<oci::Descriptor> parts, oci::walk(image.root, read));
  json::object shown = to_json(image);
  shown["schema"] = "ktl.image/1";
  json::object documents;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->media_type.ends_with("json") &&
        part->size <= static_cast<int64_t>(oci::kMaxManifestBytes)) {
      KTL_ASSIGN(const UniqueFd fd, blobs.open_blob(part->digest));
      KTL_ASSIGN(const std::string text, read_all(fd.get(), oci::kMaxManifestBytes));
      KTL_ASSIGN(documents[part->digest], parse_json(text, oci::kMaxManifestBytes));
    }
  }
  shown["documents"] = std::move(documents);
  return pretty_json(shown);
}

Result<std::string> remove(const CommandLine& line, const std::string& folder) {
  std::vector<oci::KeptImage> images;
  std::string text;
  for (const std::string& word : line.words) {
    KTL_ASSIGN(oci::KeptImage image, oci::kept_image(folder, word));
    text += "forgotten: " + (image.name.empty() ? image.root.digest : image.name) + "\n";
    images.push_back(std::move(image));
  }
  KTL_TRY(oci::forget_images(folder, images));
  const Result<oci::PruneResult> freed = oci::prune(folder, 0);
  return text + (freed.ok() ? fmt::format("freed: {}\n", shown_size(freed->bytes))
                            : "nothing is freed yet: " + freed.status().message() + "\n");
}

// Images that a prune is to forget besides what nothing needs.
Result<std::vector<oci::KeptImage>> condemned(const CommandLine& line, const std::string& folder,
                                              int64_t older_than) {
  KTL_ASSIGN(std::vector<oci::KeptImage> images, oci::kept_images(folder));
  const int64_t before = system_clock().unix_ns() / 1'000'000'000 - older_than;
  if (!line.has("all")) {
    images.clear();
  }
  std::erase_if(images, [&](const oci::KeptImage& image) { return image.used_unix > before; });
  return images;
}

Result<oci::ShrinkResult> prune_store(const CommandLine& line, const std::string& folder) {
  oci::ShrinkResult result;
  KTL_ASSIGN(const int64_t age, line.number("older-than", 0, 1, kMaxAge));
  if (line.has("keep-storage")) {
    if (age > 0 || line.has("all")) {
      return Status(Code::kInvalidArgument, "--keep-storage chooses by itself what has to go")
          .advise("take --all and --older-than away");
    }
    KTL_ASSIGN(const int64_t keep, bytes_of(line.text("keep-storage")));
    return oci::shrink(folder, keep);
  }
  KTL_ASSIGN(const std::vector<oci::KeptImage> images, condemned(line, folder, age));
  KTL_TRY(oci::forget_images(folder, images));
  for (const oci::KeptImage& image : images) {
    result.images.push_back(image.name);
  }
  KTL_ASSIGN(result.blobs, oci::prune(folder, age));
  return result;
}

Result<std::string> prune(const CommandLine& line, const std::string& folder) {
  KTL_ASSIGN(const oci::ShrinkResult result, prune_store(line, folder));
  if (line.has("json")) {
    return pretty_json(
        json::object{{"schema", "ktl.image-prune/1"},
                     {"images", json::array(result.images.begin(), result.images.end())},
                     {"blobs", result.blobs.blobs},
                     {"bytes", result.blobs.bytes}});
  }
  std::string text;
  for (const std::string& name : result.images) {
    text += "forgotten: " + (name.empty() ? std::string("an image without a name") : name) + "\n";
  }
  return text +
         fmt::format("freed: {} in {} blobs\n", shown_size(result.blobs.bytes), result.blobs.blobs);
}

Result<std::string> on_image(const CommandLine& line, const std::string& folder,
                             const ImageActions& actions) {
  KTL_ASSIGN(const oci::KeptImage image, oci::kept_image(folder, line.words[0]));
  if (!image.whole) {
    return Status(Code::kDataLoss, "parts of " + line.words[0] + " are missing from the store")
        .advise("build it again");
  }
  if (line.command == "inspect") {
    return inspect(image, folder);
  }
  oci::mark_used(folder, image.root.digest);
  if (line.command == "push") {
    return actions.push(image, line.words.size() > 1 ? line.words[1] : image.name);
  }
  return line.command == "load" ? actions.load(image) : actions.write(image, line.words[1]);
}

}  // namespace

Result<CommandLine> parse_image_command(const std::vector<std::string>& words) {
  return parse_subcommand(kTable, words);
}

Result<std::string> run_image_command(const CommandLine& line, const std::string& folder,
                                      const ImageActions& actions) {
  if (line.command == "help") {
    return subcommand_help(kTable);
  }
  if (line.command == "ls") {
    return list(line, folder);
  }
  if (line.command == "rm") {
    return remove(line, folder);
  }
  return line.command == "prune" ? prune(line, folder) : on_image(line, folder, actions);
}

}  // namespace ktl::export_oci
