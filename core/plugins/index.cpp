#include "core/plugins/index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "base/sha256.h"
#include "core/plugins/host.h"
#include "core/plugins/verify.h"

namespace ktl {
namespace {

constexpr size_t kMaxIndex = 4U << 20U;
constexpr size_t kMaxFiles = 256;
constexpr std::string_view kSchemaId = "ktl.plugin-index/1";
constexpr size_t kMaxStamp = 128;
// Clocks of file systems tick in steps of up to two seconds: a file that changed less than this ago
// could change again and keep its stamp.
constexpr int64_t kSettled = 2'000'000'000;

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Stamp {
  std::string text;
  int64_t changed_ns = 0;
};

Result<Stamp> stamp_of(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    return errno_status("fstat", errno);
  }
  int64_t changed = nanoseconds(info.st_ctim);
  return Stamp{fmt::format("{}:{}:{}:{}:{}", info.st_dev, info.st_ino, info.st_size,
                           nanoseconds(info.st_mtim), changed),
               changed};
}

// What docs/schema/plugin-index-1.json asks of a stamp and of a sha256, without a regular
// expression at every start.
bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_sound(const json::object& file, std::string_view stamp, std::string_view sha256) {
  return file.size() == 3 && stamp.size() <= kMaxStamp && consists_of(stamp, "0123456789:-") &&
         sha256.size() == 64 && consists_of(sha256, "0123456789abcdef");
}

}  // namespace

PluginIndex::PluginIndex(std::filesystem::path file, const Clock& clock)
    : file_(std::move(file)), clock_(clock) {
  Status done = file_.empty() ? Status() : read();
  if (!done.ok() && done.code() != Code::kNotFound) {
    entries_.clear();
    changed_ = true;
    warning_ = "the index of plugins is made anew: " + done.message();
  }
}

Status PluginIndex::read() {
  KTL_ASSIGN(UniqueFd folder, open_file(file_.parent_path(), O_RDONLY | O_DIRECTORY));
  KTL_TRY(verify_own(folder.get(), file_.parent_path().native()));
  KTL_ASSIGN(UniqueFd opened, open_beneath(folder.get(), file_.filename().native(),
                                           O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  KTL_TRY(verify_own(opened.get(), file_.native()));
  auto text = read_all(opened.get(), kMaxIndex);
  Status status = text.ok() ? parse(*text) : text.status();
  return status.ok() ? status : std::move(status).in(file_.native());
}

Status PluginIndex::parse(std::string_view text) {
  KTL_ASSIGN(json::value document, parse_json(text, kMaxIndex));
  const json::value* files = field_of(document, "files");
  if (text_of(document, "schema") != kSchemaId || files == nullptr || !files->is_array() ||
      files->get_array().size() > kMaxFiles || document.get_object().size() > 3) {
    return {Code::kInvalidArgument, "it is not " + std::string(kSchemaId)};
  }
  if (text_of(document, "rules") != manifest_rules()) {
    changed_ = true;  // another ktl wrote it, which may have judged differently
    return {};
  }
  for (const auto& file : files->get_array()) {
    Entry entry{std::string(text_of(file, "stamp")), std::string(text_of(file, "sha256")), {}};
    const json::value* manifest = field_of(file, "manifest");
    if (manifest == nullptr || !is_sound(file.as_object(), entry.stamp, entry.sha256)) {
      return {Code::kInvalidArgument, "one of its files is not described as it should be"};
    }
    entry.manifest = *manifest;
    entries_.push_back(std::move(entry));
  }
  return {};
}

std::optional<KnownPlugin> PluginIndex::find(const std::string& stamp) {
  auto found = std::ranges::find(entries_, stamp, &Entry::stamp);
  if (found == entries_.end()) {
    return std::nullopt;
  }
  auto manifest = manifest_from_judged(found->manifest);
  if (!manifest.ok()) {
    entries_.erase(found);
    changed_ = true;
    return std::nullopt;
  }
  found->seen = true;
  return KnownPlugin{*std::move(manifest), found->sha256};
}

Result<KnownPlugin> PluginIndex::look(int fd) {
  KTL_ASSIGN(Stamp before, stamp_of(fd));
  if (auto known = find(before.text)) {
    return *std::move(known);
  }
  KTL_ASSIGN(json::value written, read_manifest_document(fd));
  KTL_ASSIGN(json::value document, judged_manifest(written));
  KTL_ASSIGN(Manifest manifest, manifest_from_judged(document));
  if (file_.empty()) {
    return KnownPlugin{std::move(manifest), ""};
  }
  KTL_ASSIGN(std::string sha256, sha256_hex_of_fd(fd));
  KTL_ASSIGN(Stamp after, stamp_of(fd));
  if (before.text == after.text && clock_.unix_ns() - before.changed_ns > kSettled) {
    entries_.push_back({before.text, sha256, std::move(document), true});
    changed_ = true;
  }
  return KnownPlugin{std::move(manifest), std::move(sha256)};
}

std::string PluginIndex::text() const {
  json::array files;
  size_t size = 0;
  for (bool seen : {true, false}) {
    for (const auto& entry : entries_) {
      json::value file = {
          {"stamp", entry.stamp}, {"sha256", entry.sha256}, {"manifest", entry.manifest}};
      size += entry.seen == seen ? json::serialize(file).size() : 0;
      if (entry.seen == seen && files.size() < kMaxFiles && size < kMaxIndex / 2) {
        files.push_back(std::move(file));
      }
    }
  }
  return json::serialize(json::object{
      {"schema", kSchemaId}, {"rules", manifest_rules()}, {"files", std::move(files)}});
}

Status PluginIndex::save() {
  if (!changed_ || file_.empty()) {
    return {};
  }
  changed_ = false;
  KTL_TRY(make_private_folder(file_.parent_path()));
  return write_file_atomic(file_, text(), 0600);
}

}  // namespace ktl
