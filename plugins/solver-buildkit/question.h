// --call: asking a build's frontend something instead of letting it build.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control.pb.h"
#include "solved.h"
#include "transport/channel.h"

namespace ktl::solver {

// One question, within a Control.Solve that was started without a frontend: the daemon waits for us
// to say how that build ends. Solve alone would not tell the answer, which stands in the result's
// metadata. Thread rule: one thread, except that `changed` is called from the channel's.
class Question {
 public:
  // Takes frontend and attributes out of `request`, which is left as the build that waits.
  Question(std::string method, moby::buildkit::v1::SolveRequest& request);

  // Asks. `channel` must outlive the question.
  void start(Channel& channel, std::function<void()> changed);
  // Goes on once the answer, or the error, is there: ends the build with it. Cheap; call it often.
  void advance();

  // What was answered: "result.json", "result.txt", "result.statuscode", "version" ... Valid once
  // the build has ended well.
  [[nodiscard]] const Metadata& answer() const { return answer_; }

 private:
  std::string build_;
  std::string message_;
  Channel* channel_ = nullptr;
  std::function<void()> changed_;
  std::unique_ptr<RemoteCall> asked_;
  std::unique_ptr<RemoteCall> returned_;
  Metadata answer_;
};

// Whether the plan asks a question, and its name: "lint", ... ; empty: it builds.
std::string question_of(const json::value& plan);

}  // namespace ktl::solver
