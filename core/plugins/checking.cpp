#include "core/plugins/checking.h"

#include <algorithm>

namespace ktl {

std::string sentence_of(const Breach& breach, std::string_view plugin) {
  std::string who = breach.side == Side::kPlugin
                        ? "plugin " + std::string(plugin) + " misbehaved in "
                        : "ktl misbehaved towards plugin " + std::string(plugin) + " in ";
  return who + breach.verb + " (" + breach.rule + "): it " + breach.what;
}

void Checking::report(Breach breach) {
  std::lock_guard lock(mutex_);
  bool known = std::ranges::any_of(breaches_, [&](const Breach& other) {
    return other.side == breach.side && other.rule == breach.rule && other.verb == breach.verb;
  });
  if (!known) {
    breaches_.push_back(std::move(breach));
  }
}

std::vector<Breach> Checking::breaches() const {
  std::lock_guard lock(mutex_);
  return breaches_;
}

}  // namespace ktl
