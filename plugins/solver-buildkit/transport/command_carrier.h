// A program that speaks with the builder on its standard input and output.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "transport/carrier.h"

namespace ktl::solver {

// Such a program, which ktl has started, or just a socket. `errors` is a file with what it said on
// its standard error, up to the file's offset; `process` becomes readable when it has ended.
struct ProgramLine {
  UniqueFd stream;
  UniqueFd errors;
  UniqueFd process;
};
using OpenProgram = std::function<Result<ProgramLine>()>;

// `name` is the program's, for messages. When the stream ends, the status quotes the last lines
// that the program wrote to its standard error.
std::unique_ptr<Carrier> program_carrier(std::string name, ProgramLine line);

}  // namespace ktl::solver
