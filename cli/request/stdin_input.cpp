#include "cli/request/stdin_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <numeric>

namespace ktl::cli {
namespace {

constexpr size_t kTarBlock = 512;
constexpr int64_t kMaxArchive = int64_t{16} << 30;
constexpr int64_t kMaxDockerfile = 1 << 20;

Status usage(const std::string& message, const std::string& advice) {
  return Status(Code::kInvalidArgument, message).advise(advice);
}

// A header block whose checksum is right (POSIX.1-2017, pax, "ustar Interchange Format"); old tar
// files have no "ustar" in them.
bool is_tar_header(std::string_view bytes) {
  constexpr size_t kSum = 148;
  constexpr size_t kSumSize = 8;
  if (bytes.size() < kTarBlock) {
    return false;
  }
  std::string_view digits = bytes.substr(kSum, kSumSize);
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  unsigned said = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), said, 8).ec != std::errc()) {
    return false;
  }
  unsigned sum = ' ' * kSumSize;
  for (size_t i = 0; i < kTarBlock; ++i) {
    sum += i >= kSum && i < kSum + kSumSize ? 0 : static_cast<unsigned char>(bytes[i]);
  }
  return sum == said;
}

// The first bytes of `fd`, as many as a tar header has unless it ends before.
Result<std::string> first_block(int fd) {
  std::string bytes(kTarBlock, '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno != EINTR) {
      return errno_status("read standard input", errno);
    }
    if (got == 0) {
      break;
    }
    have += got > 0 ? static_cast<size_t>(got) : 0;
  }
  bytes.resize(have);
  return bytes;
}

// `first` and all that follows on `fd`, into a new file.
Status spool(std::string_view first, int fd, const std::filesystem::path& path, int64_t limit) {
  KTL_ASSIGN(const UniqueFd file, open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  std::array<char, 1U << 16U> buffer{};
  int64_t size = 0;
  while (!first.empty()) {
    size += static_cast<int64_t>(first.size());
    if (size > limit) {
      return usage("standard input is larger than " + std::to_string(limit >> 20U) + " MiB",
                   "build from a folder instead");
    }
    KTL_TRY(write_all(file.get(), first));
    ssize_t got = 0;
    do {
      got = ::read(fd, buffer.data(), buffer.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      return errno_status("read standard input", errno);
    }
    first = {buffer.data(), static_cast<size_t>(got)};
  }
  return {};
}

Status take_context(std::string_view first, int fd, const SpoolFolder& folder, Request& request) {
  if (is_archive(first)) {
    request.context = folder.path() / "context.tar";
    request.context_kind = "archive";
    return spool(first, fd, request.context, kMaxArchive);
  }
  if (!request.file.empty()) {
    return usage("standard input is no archive, and -f names another Dockerfile",
                 "send a tar file, or leave -f out");
  }
  std::filesystem::path context = folder.path() / "empty";
  std::error_code error;
  std::filesystem::create_directory(context, error);
  request.context = context;
  request.context_kind = "folder";
  request.file = folder.path() / "Dockerfile";
  return error ? errno_status("make " + context.string(), error.value())
               : spool(first, fd, request.file, kMaxDockerfile);
}

}  // namespace

bool is_archive(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr std::array<std::string_view, 4> kMagics = {"\x1f\x8b"sv, "BZh"sv,
                                                       "\xfd"
                                                       "7zXZ\0"sv,
                                                       "\x28\xb5\x2f\xfd"sv};
  return is_tar_header(bytes) || std::ranges::any_of(kMagics, [&](std::string_view magic) {
           return bytes.starts_with(magic);
         });
}

Result<std::optional<SpoolFolder>> take_stdin(int fd, const std::filesystem::path& parent,
                                              Request& request) {
  const bool context = request.context == "-";
  const bool file = request.file == "-";
  if (!context && !file) {
    return std::optional<SpoolFolder>();
  }
  if (context && file) {
    return usage("context and Dockerfile cannot both come on standard input",
                 "name a folder, or send a tar file that holds the Dockerfile");
  }
  KTL_ASSIGN(const std::string first, first_block(fd));
  if (first.empty()) {
    return usage("there is nothing on standard input", "send a tar file or a Dockerfile");
  }
  KTL_ASSIGN(SpoolFolder folder, SpoolFolder::make(parent, std::to_string(::getpid())));
  if (context) {
    KTL_TRY(take_context(first, fd, folder, request));
  } else {
    request.file = folder.path() / "Dockerfile";
    KTL_TRY(spool(first, fd, request.file, kMaxDockerfile));
  }
  return std::optional<SpoolFolder>(std::move(folder));
}

}  // namespace ktl::cli
