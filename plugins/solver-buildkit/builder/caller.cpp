#include "builder/caller.h"

#include <poll.h>

namespace ktl::builder {

bool Caller::pause(int64_t ms) const {
  pollfd cancel{cancel_fd, POLLIN, 0};
  return ::poll(&cancel, 1, static_cast<int>(ms)) > 0;
}

void Caller::say(const std::string& line) const {
  if (tell) {
    tell(line);
  }
}

}  // namespace ktl::builder
