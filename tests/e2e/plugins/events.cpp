#include "puppet.hpp"

namespace {

class Events : public ktl::EventSink {
 public:
  Events(ktl::Call& /*call*/, std::string_view config) : puppet_(config) {}

  std::string on_events(ktl::Call& /*call*/, std::string_view batch) override {
    return puppet_.play("on_events", batch);
  }

 private:
  puppet::Puppet puppet_;
};

}  // namespace

KTL_PLUGIN(Events)
