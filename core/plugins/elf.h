// Looks into an ELF file without loading it: its sections and what it exports.
#pragma once

#include <elf.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl {

// One 64-bit shared object for this machine. The file is not trusted: every offset is checked
// against its size, at most 4096 sections and 16 MiB of any table are read. Reads by pread(2) from
// a borrowed descriptor that must outlive the object; its position stays. Not thread-safe.
// Source: System V ABI, chapters 4 and 5 (https://refspecs.linuxfoundation.org/elf/gabi4+/).
class ElfFile {
 public:
  // kInvalidArgument: no regular file, no ELF shared object for this machine, or a damaged one.
  static Result<ElfFile> open(int fd);

  // The content of the only section of that name, at most `limit` bytes. kNotFound: there is none.
  [[nodiscard]] Result<std::string> section(std::string_view name, size_t limit) const;

  // What the file defines for others, at most 100,000 names.
  [[nodiscard]] Result<std::vector<std::string>> exports() const;

  // Which of `symbols` the file defines for others (.dynsym: also there in a stripped file).
  [[nodiscard]] Result<std::vector<std::string>> exported(
      std::span<const std::string_view> symbols) const;

 private:
  ElfFile(int fd, uint64_t size) : fd_(fd), size_(size) {}
  Status read_sections(const Elf64_Ehdr& header);
  [[nodiscard]] Result<std::string> read(uint64_t offset, uint64_t size, uint64_t limit) const;

  int fd_;
  uint64_t size_;
  std::vector<Elf64_Shdr> sections_;
  std::string names_;
};

}  // namespace ktl
