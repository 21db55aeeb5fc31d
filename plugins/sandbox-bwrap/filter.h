// The policy's filter of system calls, as bubblewrap takes one.
#pragma once

#include <string>

#include "jail/message.h"
#include "refusals.h"

namespace ktl::sandbox_bwrap {

// The program for seccomp(2), an array of sock_filter in this machine's byte order; empty when all
// is allowed. Of kafel's language (https://github.com/google/kafel) it knows
//   ERRNO(NUMBER) { CALL, ... } ... DEFAULT ALLOW
// where CALL is add_key, keyctl, request_key or SYSCALL[NUMBER]. As in nsjail, a call by another
// architecture's numbers ends the process. `refusals` gets the word that is none of this, and
// the program is empty; `file` is the policy's, for places.
std::string filter_program(const jail::Message& policy, const std::string& file,
                           Refusals& refusals);

}  // namespace ktl::sandbox_bwrap
