// One connection through a builder's gate.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "builder/gate.h"
#include "builder/gate_journal.h"

namespace ktl::builder {

// Reads a request, decides, connects and pumps; what came of it goes into the journal. `stop` is
// readable once everything has to end.
void talk_to_client(const UniqueFd& client, const GateSettings& settings, GateJournal& journal,
                    int stop);

// Connects to this machine's loopback and pumps.
void forward_client(const UniqueFd& client, uint16_t port, GateJournal& journal, int stop);

}  // namespace ktl::builder
