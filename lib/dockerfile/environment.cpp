#include "dockerfile/environment.h"

#include <utility>
#include <vector>

namespace ktl::dockerfile {
namespace {

constexpr size_t kMaxBytes = 256U << 10U;

}  // namespace

Environment::Environment(Scope scope, Variables variables)
    : scope_(scope), variables_(std::move(variables)) {
  for (const auto& [name, value] : variables_) {
    bytes_ += name.size() + value.size();
  }
}

void Environment::unset(const std::string& name) {
  if (const auto found = variables_.find(name); found != variables_.end()) {
    bytes_ -= name.size() + found->second.size();
    variables_.erase(found);
  }
}

Status Environment::set(const std::string& name, Expansion value) {
  unset(name);
  if (!value.complete && scope_ == Scope::kOpen) {
    return {};
  }
  bytes_ += name.size() + value.text.size();
  if (bytes_ > kMaxBytes) {
    return Status(Code::kResourceExhausted, "the variables of one stage are over 256 KiB");
  }
  variables_[name] = std::move(value.text);
  return {};
}

Status Environment::apply_arg(const Instruction& arg, const Variables& build_args,
                              const Variables& outer, Expander& expander) {
  if (arg.arguments.empty()) {
    return Status(Code::kInvalidArgument, "ARG needs a name");
  }
  for (const std::string& word : arg.arguments) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name.empty()) {
      return Status(Code::kInvalidArgument, "ARG " + word + " has no name");
    }
    if (const auto given = build_args.find(name); given != build_args.end()) {
      KTL_TRY(set(name, {.text = given->second}));
    } else if (equals != std::string::npos) {
      KTL_ASSIGN(auto value, expander.expand(word.substr(equals + 1), variables_));
      KTL_TRY(set(name, std::move(value)));
    } else if (const auto global = outer.find(name); global != outer.end()) {
      KTL_TRY(set(name, {.text = global->second}));
    }
  }
  return {};
}

Status Environment::apply_env(const Instruction& env, Expander& expander) {
  std::vector<std::pair<std::string, Expansion>> values;
  for (const Assignment& assignment : env.assignments) {
    KTL_ASSIGN(auto name, expander.expand(assignment.name, variables_));
    KTL_ASSIGN(auto value, expander.expand(assignment.value, variables_));
    value.complete = value.complete && name.complete;
    values.emplace_back(std::move(name.text), std::move(value));
  }
  for (auto& [name, value] : values) {
    KTL_TRY(set(name, std::move(value)));
  }
  return {};
}

}  // namespace ktl::dockerfile
