// Memory that is going to be used, taken at once.
#pragma once

#include <cstddef>

namespace ktl {

// Has the kernel give the heap's next `bytes`, at most a megabyte, in one call: page by page, as
// they are first written to, each costs a fault of some 3 us on a virtual machine. For the
// beginning of a program that will use that much; what it does not use counts as used all the same.
// Nothing happens on kernels before 5.14. See madvise(2), MADV_POPULATE_WRITE.
void take_heap(size_t bytes);

}  // namespace ktl
