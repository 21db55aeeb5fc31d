// A program that speaks with the builder on its standard input and output.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transport/carrier.h"

namespace ktl::solver {

// Starts `argv` ("ssh ... buildctl dial-stdio") in a session of its own, so that Ctrl-C reaches
// ktl alone. It ends with the carrier, and when ktl dies its input does. When the stream ends, the
// status quotes the last lines that the program wrote to its standard error. kUnavailable: the
// program is missing.
Result<std::unique_ptr<Carrier>> run_carrier(const std::vector<std::string>& argv);

}  // namespace ktl::solver
