#include "core/plugins/elf.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ktl {
namespace {

constexpr uint64_t kMaxSections = 4096;
constexpr uint64_t kMaxTable = 16U << 20U;
constexpr size_t kMaxExports = 100'000;
constexpr size_t kMaxName = 4096;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "ktl does not know the ELF machine number of this processor"
#endif

Status damaged(const std::string& what) {
  return {Code::kInvalidArgument, "damaged ELF file: " + what};
}

// The NUL-terminated text at `offset` of a string table; empty when there is none.
std::string_view text_at(std::string_view table, uint64_t offset) {
  if (offset >= table.size()) {
    return {};
  }
  auto text = table.substr(offset);
  auto end = text.find('\0');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

template <class T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

bool is_ours(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         header.e_type == ET_DYN && header.e_machine == kMachine;
}

bool is_export(const Elf64_Sym& symbol) {
  auto bind = ELF64_ST_BIND(symbol.st_info);
  auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK) &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

}  // namespace

Result<ElfFile> ElfFile::open(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    return errno_status("fstat", errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument, "not a regular file");
  }
  ElfFile file(fd, static_cast<uint64_t>(info.st_size));
  auto bytes = file.read(0, sizeof(Elf64_Ehdr), sizeof(Elf64_Ehdr));
  auto header = bytes.ok() ? load<Elf64_Ehdr>(bytes->data()) : Elf64_Ehdr{};
  if (!bytes.ok() || !is_ours(header)) {
    return Status(Code::kInvalidArgument, "not a shared object for this machine");
  }
  KTL_TRY(file.read_sections(header));
  return file;
}

Status ElfFile::read_sections(const Elf64_Ehdr& header) {
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 ||
      header.e_shnum > kMaxSections || header.e_shstrndx >= header.e_shnum) {
    return damaged("section headers");
  }
  KTL_ASSIGN(std::string bytes,
             read(header.e_shoff, uint64_t{header.e_shnum} * sizeof(Elf64_Shdr), kMaxTable));
  for (size_t i = 0; i < header.e_shnum; ++i) {
    sections_.push_back(load<Elf64_Shdr>(bytes.data() + i * sizeof(Elf64_Shdr)));
  }
  const auto& names = sections_[header.e_shstrndx];
  KTL_ASSIGN(names_, read(names.sh_offset, names.sh_size, kMaxTable));
  return {};
}

Result<std::string> ElfFile::read(uint64_t offset, uint64_t size, uint64_t limit) const {
  if (size > limit) {
    return damaged("a part of " + std::to_string(size) + " bytes, limit " + std::to_string(limit));
  }
  if (offset > size_ || size > size_ - offset) {
    return damaged("a part lies beyond the end of the file");
  }
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got < 0 ? errno_status("read", errno) : damaged("it became shorter");
    }
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Result<std::string> ElfFile::section(std::string_view name, size_t limit) const {
  const Elf64_Shdr* found = nullptr;
  for (const auto& section : sections_) {
    if (text_at(names_, section.sh_name) != name) {
      continue;
    }
    if (found != nullptr || section.sh_type == SHT_NOBITS) {
      return damaged("section " + std::string(name) + " is there twice or has no content");
    }
    found = &section;
  }
  if (found == nullptr) {
    return Status(Code::kNotFound, "no section " + std::string(name));
  }
  return read(found->sh_offset, found->sh_size, limit);
}

Result<std::vector<std::string>> ElfFile::exports() const {
  std::vector<std::string> found;
  for (const auto& section : sections_) {
    if (section.sh_type != SHT_DYNSYM) {
      continue;
    }
    if (section.sh_link >= sections_.size()) {
      return damaged("symbol names");
    }
    const auto& strings = sections_[section.sh_link];
    KTL_ASSIGN(std::string table, read(section.sh_offset, section.sh_size, kMaxTable));
    KTL_ASSIGN(std::string names, read(strings.sh_offset, strings.sh_size, kMaxTable));
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym)) {
      auto symbol = load<Elf64_Sym>(table.data() + at);
      if (!is_export(symbol)) {
        continue;
      }
      if (found.size() == kMaxExports) {
        return damaged("more than 100000 exported symbols");
      }
      found.emplace_back(text_at(names, symbol.st_name).substr(0, kMaxName));
    }
  }
  return found;
}

Result<std::vector<std::string>> ElfFile::exported(
    std::span<const std::string_view> symbols) const {
  KTL_ASSIGN(std::vector<std::string> all, exports());
  std::erase_if(all, [&](const std::string& name) {
    return std::find(symbols.begin(), symbols.end(), name) == symbols.end();
  });
  return all;
}

}  // namespace ktl
