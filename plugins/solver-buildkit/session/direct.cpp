#include "session/direct.h"

namespace ktl::solver {

DirectSession::DirectSession(std::unique_ptr<Carrier> carrier, const std::vector<Method>& methods)
    : server_(methods, [this] { pump_.wake(); }), pump_(std::move(carrier), *this) {
  pump_.start();
}

DirectSession::~DirectSession() {
  server_.hang_up();
  pump_.stop();
  server_.close();
}

}  // namespace ktl::solver
