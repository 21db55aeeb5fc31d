#include "config.h"

#include "jail/parser.h"

namespace ktl::sandbox_nsjail {

std::string config_text(const jail::Jail& jail, const jail::Wrap& wrap) {
  jail::Message config = jail.policy;
  for (const auto& mount : jail.mounts) {
    config.add("mount", {{}, 0, {}, {to_message(mount)}});
  }
  for (const auto& [name, value] : wrap.env) {
    config.add("envar", {{}, 0, name + "=" + value, {}});
  }
  for (const int fd : wrap.keep_fds) {
    config.add("pass_fd", {{}, static_cast<uint64_t>(fd), {}, {}});
  }
  return write_policy(config);
}

}  // namespace ktl::sandbox_nsjail
