// Memory that is zeroed before it is given back, for secret values and all that is made of them.
#pragma once

#include <string.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace ktl::redact {

// A standard allocator whose deallocate() zeroes first; so do a vector's growth and its end.
template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>& /*other*/) {}  // NOLINT(*-explicit-*)

  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, size_t count) {
    ::explicit_bzero(static_cast<void*>(memory), count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

// A vector and not a string: short strings live inside the object, where no allocator sees them.
template <class T>
using Wiped = std::vector<T, WipingAllocator<T>>;

inline std::string_view view_of(const Wiped<char>& bytes) { return {bytes.data(), bytes.size()}; }

inline void append(Wiped<char>& to, std::string_view bytes) {
  if (!bytes.empty()) {  // insert() would construct every byte
    const size_t size = to.size();
    to.resize(size + bytes.size());
    ::memcpy(to.data() + size, bytes.data(), bytes.size());
  }
}

}  // namespace ktl::redact
