#include "ledger/file_digests.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>

#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"

namespace ktl::solver {
namespace {

constexpr std::string_view kMagic = "ktl-file-digests/1\n";
constexpr size_t kKeyBytes = 5 * sizeof(int64_t);
constexpr size_t kRecordBytes = kKeyBytes + 32;
constexpr int64_t kSettledNs = 1'000'000'000;
constexpr std::string_view kDigits = "0123456789abcdef";

std::string hex_of(const std::array<uint8_t, 32>& bytes) {
  std::string text;
  for (uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::array<uint8_t, 32> bytes_of(std::string_view hex) {
  std::array<uint8_t, 32> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(kDigits.find(hex[2 * i]) << 4U | kDigits.find(hex[2 * i + 1]));
  }
  return bytes;
}

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(static_cast<uint64_t>(time.tv_sec) * 1000000000U +
                              static_cast<uint64_t>(time.tv_nsec));
}

bool is_as_listed(int fd, const SentFile& listed) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_dev == listed.device &&
         info.st_ino == listed.inode && info.st_size == listed.size &&
         nanoseconds(info.st_mtim) == listed.mtime_ns &&
         nanoseconds(info.st_ctim) == listed.ctime_ns;
}

}  // namespace

FileDigests::FileDigests(std::filesystem::path file, int64_t budget)
    : file_(std::move(file)), budget_(budget) {}

void FileDigests::load() {
  loaded_ = true;
  const auto text = read_file(file_, kMagic.size() + kMost * kRecordBytes);
  if (!text.ok() || !text->starts_with(kMagic) ||
      (text->size() - kMagic.size()) % kRecordBytes != 0) {
    return;
  }
  for (size_t at = kMagic.size(); at < text->size(); at += kRecordBytes) {
    Key key{};
    std::memcpy(key.data(), text->data() + at, kKeyBytes);
    std::memcpy(known_[key].sha256.data(), text->data() + at + kKeyBytes, 32);
  }
}

Result<std::string> FileDigests::digest_of(int root, const std::string& path,
                                           const SentFile& listed) {
  if (!loaded_) {
    load();
  }
  const Key key{static_cast<int64_t>(listed.device), static_cast<int64_t>(listed.inode),
                listed.size, listed.mtime_ns, listed.ctime_ns};
  if (auto found = known_.find(key); found != known_.end()) {
    found->second.used = true;
    return "sha256:" + hex_of(found->second.sha256);
  }
  if (listed.size > budget_) {
    return Status(Code::kResourceExhausted, "more is new than one build reads for its ledger");
  }
  budget_ -= listed.size;
  const Status changed(Code::kFailedPrecondition, path + " is not what it was when it was sent");
  const UniqueFd fd = filesync::open_plain(root, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd.valid() || !is_as_listed(fd.get(), listed)) {
    return changed;
  }
  KTL_ASSIGN(const std::string hex, sha256_hex_of_fd(fd.get()));
  if (!is_as_listed(fd.get(), listed)) {
    return changed;
  }
  if (listed.ctime_ns < system_clock().unix_ns() - kSettledNs) {
    known_[key] = {bytes_of(hex), true};
    changed_ = true;
  }
  return "sha256:" + hex;
}

Status FileDigests::save() const {
  if (!changed_) {
    return {};
  }
  std::string text(kMagic);
  size_t count = 0;
  for (bool used : {true, false}) {
    for (const auto& [key, known] : known_) {
      if (known.used == used && count < kMost) {
        text.append(reinterpret_cast<const char*>(key.data()), kKeyBytes);
        text.append(reinterpret_cast<const char*>(known.sha256.data()), known.sha256.size());
        ++count;
      }
    }
  }
  return write_file_atomic(file_, text, 0600);
}

}  // namespace ktl::solver
