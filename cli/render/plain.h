// Progress as lines, for logs: what happens is added, nothing is ever drawn over.
#pragma once

#include "cli/render/renderer.h"
#include "cli/render/steps.h"

namespace ktl::cli {

//   #4 [build 2/3] RUN make        a step begins
//   #4 | cc -c a.c                 a line it wrote
//   #4 DONE 1.2s                   or CACHED, CANCELED, ERROR: why
//
// Every line of a step carries its number, so that parallel steps may be taken apart by grep, and
// two runs of one build differ in times only.
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
  void announce(const Step& step);
  void print(const Step& step, const std::vector<std::string>& lines);

  Steps steps_;
  Console& console_;
  int announced_ = 0;  // steps up to this number have shown their name
};

// "DONE 1.2s", "CACHED", "CANCELED" or "ERROR: why" of a completed step.
std::string outcome_of(const Step& step);

}  // namespace ktl::cli
