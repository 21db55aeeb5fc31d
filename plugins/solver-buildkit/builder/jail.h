// The fence around the private builder's daemon: nsjail with sandbox/builder.cfg.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// `policy` with every @NAME@ replaced by `value(NAME)`, once. kInternal names one that has no
// value.
Result<std::string> fill_in(const std::string& policy,
                            const std::vector<std::pair<std::string, std::string>>& values);

// The text for nsjail: sandbox/builder.cfg for this site. `environment` ("NAME=value") is all that
// the daemon gets.
Result<std::string> jail_policy(const Site& site, const std::vector<std::string>& environment);

// What runs `inside` (argv, found in the jail) in the jail of `site`, whose policy has been written
// to home.jail(). It begins with a stage, a mount namespace in which the jail's users, who may be
// nobody outside, can reach what is bound into the jail, wherever that lies, and in which all that
// nobody is to write is read-only for good: nobody in the jail can mount it writable again. For an
// ordinary user it has a user namespace of its own, since only then it is more privileged.
// A status when this machine's mounts cannot be read: which of them to protect is not known then.
Result<Command> jail_command(const Site& site, const std::vector<std::string>& inside);

// What tells the fence of one builder from that of another: the policy before anything is filled
// in, and what the daemon's configuration says about its steps. State made behind one of them is
// never used behind another.
std::string fence_digest();

}  // namespace ktl::builder
