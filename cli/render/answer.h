// What --call prints: the frontend's answer, as docker buildx shows it.
#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"
#include "core/document/inputs.h"

namespace ktl::cli {

// `metadata` is what the builder answered (github.com/moby/buildkit, docs/reference/
// frontend subrequests): "result.txt", "result.json", "result.statuscode".

// For stdout, made safe for a terminal: the text or the JSON; of "lint" also how many warnings
// there are.
std::string answer_text(const Call& call, const json::object& metadata);

// For stderr: "lint" in words, of a Dockerfile that cannot be built; else ok.
Status fault_in_answer(const Call& call, const json::object& metadata);

// 0, or 1 when the answer's status says that something is wrong and the call does not ignore that.
int answer_exit(const Call& call, const json::object& metadata);

}  // namespace ktl::cli
