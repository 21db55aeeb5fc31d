// Progress as lines, for logs: what happens is added, nothing is ever drawn over.
#pragma once

#include <set>

#include "cli/render/renderer.h"
#include "cli/render/steps.h"

namespace ktl::cli {

//   #4 [build 2/3] RUN make        a step begins
//   #4 | cc -c a.c                 a line it wrote
//   #4 DONE 1.2s                   or CACHED, CANCELED, ERROR: why
//
// Every line of a step carries its number, so that parallel steps may be taken apart by grep. What
// differs from run to run though nothing changed is left out: the time of day, rates, how long the
// builder's own steps took. Two runs of a build that is all cached give the same text.
class Plain : public Renderer {
 public:
  Plain(bool colours, Console& console) : steps_(colours), console_(console) {}
  void on_event(const Event& event) override;
  void finish() override;

 private:
  void started(const Event& event);
  void completed(const Event& event);
  void log(const Event& event);
  void progress(const Event& event);
  void warning(const Event& event);
  void announce(Step& step);
  void print(Step& step, const std::vector<std::string>& lines);

  Steps steps_;
  Console& console_;
  int announced_ = 0;           // steps that have shown their name
  std::set<std::string> said_;  // warnings; each is said once
};

// "DONE 1.2s", "CACHED", "CANCELED" or "ERROR: why" of a completed step; nothing when a step of the
// builder's own is done, since such a one may be done several times.
std::string outcome_of(const Step& step);

}  // namespace ktl::cli
