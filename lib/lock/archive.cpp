#include "lock/archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/sha256.h"
#include "lock/kept_content.h"
#include "oci/layout_image.h"
#include "oci/output_lock.h"
#include "oci/tar_output.h"

namespace ktl::lock {
namespace {

constexpr size_t kBlock = 512;
constexpr int64_t kMostPax = 1024;
constexpr int64_t kWaitMs = 10'000;  // for another ktl that writes the same file
constexpr std::string_view kBlobs = "blobs/sha256/";
constexpr size_t kMostMembers = 4 * kMostEntries;

int64_t padding(int64_t size) {
  constexpr auto kBytes = static_cast<int64_t>(kBlock);
  return (kBytes - size % kBytes) % kBytes;
}

Status bad(const std::string& what) {
  return Status(Code::kInvalidArgument, "no archive of a lock: " + what)
      .advise("take a file that ktl lock --export wrote");
}

Status write_member(int fd, const std::string& name, int source, int64_t size) {
  KTL_TRY(write_all(fd, oci::tar_header(name, 0444, size)));
  KTL_TRY(oci::copy_bytes(source, fd, size));
  return write_all(fd, std::string(static_cast<size_t>(padding(size)), '\0'));
}

Status write_members(int fd, const std::string& text, const oci::Store& store) {
  KTL_ASSIGN(const Lock lock, parse_lock(text));
  KTL_ASSIGN(const std::vector<std::string> digests, content_of(lock, store));
  const auto size = static_cast<int64_t>(text.size());
  KTL_TRY(write_all(fd, oci::tar_header(kLockFile, 0444, size) + text +
                            std::string(static_cast<size_t>(padding(size)), '\0')));
  for (const std::string& digest : digests) {
    KTL_ASSIGN(const UniqueFd blob, store.open_blob(digest));
    KTL_ASSIGN(const int64_t bytes, store.size(digest));
    KTL_TRY(write_member(fd, oci::BlobFolder::path_of(digest), blob.get(), bytes));
  }
  return write_all(fd, std::string(2 * kBlock, '\0'));
}

// One member as its header says.
struct Member {
  std::string name;
  char type = '0';
  int64_t size = 0;
};

class Reader {
 public:
  Reader(int fd, const oci::Store& store) : fd_(fd), store_(store) {}

  Result<std::string> read() {
    for (size_t i = 0; i < kMostMembers; ++i) {
      KTL_ASSIGN(const std::string header, take(kBlock));
      if (header.find_first_not_of('\0') == std::string::npos) {
        return text_.empty() ? Result<std::string>(bad("it has no ktl.lock")) : text_;
      }
      KTL_ASSIGN(const Member member, member_of(header));
      KTL_TRY(take_member(member));
      KTL_TRY(take(static_cast<size_t>(padding(member.type == 'x' ? pax_ : member.size))).status());
    }
    return bad("it has too many entries");
  }

 private:
  Result<std::string> take(size_t bytes) const {
    std::string text(bytes, '\0');
    for (size_t got = 0; got < bytes;) {
      const ssize_t n = ::read(fd_, text.data() + got, bytes - got);
      if (n < 0) {
        return errno_status("read the archive", errno);
      }
      if (n == 0) {
        return bad("it is cut off");
      }
      got += static_cast<size_t>(n);
    }
    return text;
  }

  static bool is_sum_right(const std::string& header, int64_t told) {
    int64_t sum = 0;
    for (size_t i = 0; i < header.size(); ++i) {
      sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
    }
    return sum == told;
  }

  static int64_t octal(std::string_view field) {
    field = field.substr(0, field.find_first_of(std::string_view("\0 ", 2)));
    int64_t value = field.empty() ? -1 : 0;
    for (const char c : field) {
      value = c < '0' || c > '7' || value < 0 ? -1 : value * 8 + (c - '0');
    }
    return value;
  }

  Result<Member> member_of(const std::string& header) const {
    const std::string_view view(header);
    Member member{std::string(view.substr(0, view.substr(0, 100).find('\0'))), header[156],
                  octal(view.substr(124, 12))};
    member.name.resize(std::min<size_t>(member.name.size(), 100));
    if (view.substr(257, 5) != "ustar" || !is_sum_right(header, octal(view.substr(148, 8))) ||
        member.size < 0) {
      return bad("it is no tar file, or a damaged one");
    }
    if (member.type != 'x' && large_ >= 0) {
      member.size = large_;
    }
    return member;
  }

  Status take_member(const Member& member) {
    if (member.type == 'x') {
      return take_pax(member.size);
    }
    large_ = -1;
    const bool blob = member.name.starts_with(kBlobs);
    if (member.type != '0' || (!blob && member.name != kLockFile)) {
      return bad("it has an entry \"" + valid_name(member.name) + "\"");
    }
    return blob ? take_blob("sha256:" + member.name.substr(kBlobs.size()), member.size)
                : take_lock(member.size);
  }

  // "22 size=8589934592\n" and nothing else, for what comes next.
  Status take_pax(int64_t size) {
    pax_ = size;
    if (size > kMostPax) {
      return bad("it has an extended header of another kind");
    }
    KTL_ASSIGN(const std::string text, take(static_cast<size_t>(size)));
    const size_t at = text.find(" size=");
    const auto value = at == std::string::npos || !text.ends_with('\n')
                           ? std::nullopt
                           : whole_number(text.substr(at + 6, text.size() - at - 7));
    large_ = value.value_or(-1);
    return large_ >= 0 ? Status() : bad("it has an extended header of another kind");
  }

  Status take_lock(int64_t size) {
    if (!text_.empty() || size > static_cast<int64_t>(kMostBytes)) {
      return bad("its ktl.lock is too large, or there twice");
    }
    KTL_ASSIGN(text_, take(static_cast<size_t>(size)));
    return parse_lock(text_).status();
  }

  Status take_blob(const std::string& digest, int64_t size) const {
    if (!is_digest(digest)) {
      return bad("it has a blob that is named by no digest");
    }
    KTL_ASSIGN(const UniqueFd file, store_.create());
    for (int64_t left = size; left > 0;) {
      KTL_ASSIGN(const std::string piece,
                 take(static_cast<size_t>(std::min<int64_t>(left, int64_t{1} << 20U))));
      KTL_TRY(write_all(file.get(), piece));
      left -= static_cast<int64_t>(piece.size());
    }
    return store_.commit(file.get(), digest);
  }

  static std::string valid_name(const std::string& name) {
    std::string shown;
    for (const char c : name) {
      shown += c > ' ' && c <= '~' ? c : '?';
    }
    return shown;
  }

  const int fd_;
  const oci::Store& store_;
  std::string text_;
  int64_t large_ = -1;  // size of the next member, when its own header has no room for it
  int64_t pax_ = 0;
};

}  // namespace

Status write_archive(const std::filesystem::path& file, const std::string& text,
                     const oci::Store& store) {
  KTL_ASSIGN(const oci::OutputLock lock,
             oci::OutputLock::acquire(file, kWaitMs, [] { return false; }));
  const std::filesystem::path temp = oci::OutputLock::temp_name(file);
  ::unlink(temp.c_str());  // of a ktl that was killed: we hold the lock
  KTL_ASSIGN(const UniqueFd fd, open_file(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  Status status = write_members(fd.get(), text, store);
  if (status.ok() && (::fsync(fd.get()) != 0 || ::rename(temp.c_str(), file.c_str()) != 0)) {
    status = errno_status("write " + file.string(), errno);
  }
  if (!status.ok()) {
    ::unlink(temp.c_str());
  }
  return status;
}

Result<std::string> read_archive(const std::filesystem::path& file, const oci::Store& store) {
  KTL_ASSIGN(const UniqueFd fd, open_file(file, O_RDONLY));
  auto text = Reader(fd.get(), store).read();
  return text.ok() ? std::move(text) : std::move(text).status().at(file.string());
}

}  // namespace ktl::lock
