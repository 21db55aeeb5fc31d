#include "dockerfile/split_stages.h"

#include <algorithm>

#include "base/suggest.h"

namespace ktl::dockerfile {
namespace {

constexpr size_t kMaxStages = 500;

Status invalid(std::string message) { return Status(Code::kInvalidArgument, std::move(message)); }

Status check_keyword(const Instruction& instruction, bool known_only) {
  for (const Instruction& trigger : instruction.trigger) {
    if (trigger.keyword == "FROM" || trigger.keyword == "MAINTAINER") {
      return invalid("ONBUILD may not trigger " + trigger.keyword);
    }
    KTL_TRY(check_keyword(trigger, known_only));
  }
  if (!known_only || std::ranges::binary_search(known_keywords(), instruction.keyword)) {
    return {};
  }
  return invalid("unknown instruction " + instruction.keyword)
      .advise(did_you_mean(instruction.keyword, known_keywords()));
}

Status add(const Instruction& instruction, StageSplit& split) {
  if (instruction.keyword == "FROM") {
    split.parts.push_back({.from = &instruction, .body = {&instruction + 1, 0}});
  } else if (!split.parts.empty()) {
    auto& body = split.parts.back().body;
    body = {body.data(), body.size() + 1};
  } else if (instruction.keyword == "ARG") {
    split.global_args.push_back(&instruction);
  } else {
    return invalid(instruction.keyword + " stands before the first FROM")
        .advise("only ARG may; put FROM in front of it");
  }
  return {};
}

}  // namespace

Result<StageSplit> split_stages(const Dockerfile& file, bool known_only) {
  StageSplit split;
  for (const Instruction& instruction : file.instructions) {
    Status status = check_keyword(instruction, known_only);
    if (status.ok()) {
      status = add(instruction, split);
    }
    if (!status.ok()) {
      return std::move(status).at(file.name + ":" + std::to_string(instruction.start_line));
    }
  }
  if (split.parts.empty()) {
    return invalid("the file has no FROM").at(file.name).advise("start with FROM");
  }
  if (split.parts.size() > kMaxStages) {
    return Status(Code::kResourceExhausted, "more than 500 stages").at(file.name);
  }
  return split;
}

}  // namespace ktl::dockerfile
