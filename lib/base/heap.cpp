#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace ktl {

namespace {

constexpr uintptr_t kPage = 4096;
// From this size on glibc maps memory for a single piece. It would be lower and grow by itself, but
// for a program that sets it; a piece of the heap that is given back must not shrink the heap.
constexpr int kMapped = 1 << 20;

}  // namespace

void take_heap(size_t bytes) {
  ::mallopt(M_MMAP_THRESHOLD, kMapped);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kMapped);
  void* piece = std::malloc(bytes);
  const uintptr_t from = (reinterpret_cast<uintptr_t>(piece) + kPage - 1) / kPage * kPage;
  const uintptr_t to = (reinterpret_cast<uintptr_t>(piece) + bytes) / kPage * kPage;
  if (piece != nullptr && to > from) {
    // Whether it helped only the clock knows.
    [[maybe_unused]] const int done =
        ::madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);
  }
  std::free(piece);
}

}  // namespace ktl
