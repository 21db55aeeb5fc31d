// The variables an instruction sees: global ARGs, a stage's ARGs and ENVs.
#pragma once

#include "base/status.h"
#include "dockerfile/expand.h"
#include "dockerfile/instruction.h"

namespace ktl::dockerfile {

// Variables of one scope, 256 KiB of names and values at most (kResourceExhausted). One thread at
// a time.
class Environment {
 public:
  // kClosed: what has no value here has none (the scope before the first FROM). kOpen: it may have
  // one in the base image. Then a variable made from it is left out, so that using that one makes
  // an Expansion incomplete too.
  enum class Scope { kClosed, kOpen };
  explicit Environment(Scope scope, Variables variables = {});

  // ARG: a build argument wins over the default; without either the value in `outer` counts.
  Status apply_arg(const Instruction& arg, const Variables& build_args, const Variables& outer,
                   Expander& expander);
  // ENV: every value sees the variables as they were before the instruction.
  Status apply_env(const Instruction& env, Expander& expander);

  [[nodiscard]] const Variables& variables() const { return variables_; }

 private:
  Status set(const std::string& name, Expansion value);
  void unset(const std::string& name);

  Scope scope_;
  size_t bytes_ = 0;
  Variables variables_;
};

}  // namespace ktl::dockerfile
