// ktl/interfaces.hpp: the interfaces as C++ classes; a plugin derives from those it provides.
//
// Every verb gets the text of one JSON document and returns the text of one, or throws ktl::Error.
// What the documents are, who calls when, and what a failure means is said in ktl/iface/<name>.h.
#pragma once

#include <ktl/call.hpp>

#include <string>
#include <string_view>

namespace ktl {
inline namespace sdk {

// ktl/iface/prepare.h
struct Preparer {
  virtual ~Preparer() = default;
  virtual std::string prepare(Call& call, std::string_view preparation) = 0;
};

// ktl/iface/sandbox.h
struct Sandbox {
  virtual ~Sandbox() = default;
  virtual std::string probe(Call& call, std::string_view fence) = 0;
  virtual std::string wrap(Call& call, std::string_view wrap) = 0;
};

// ktl/iface/builder.h
struct BuilderKeeper {
  virtual ~BuilderKeeper() = default;
  virtual std::string acquire(Call& call, std::string_view builder) = 0;
  virtual std::string release(Call& call, std::string_view lease) = 0;
};

// ktl/iface/solve.h
struct Solver {
  virtual ~Solver() = default;
  virtual std::string connect(Call& call, std::string_view builder) = 0;
  virtual std::string begin(Call& call, std::string_view solve) = 0;
  virtual std::string next(Call& call, std::string_view build) = 0;
  virtual std::string resume(Call& call, std::string_view decision) = 0;
  virtual std::string close(Call& call, std::string_view build) = 0;
};

// ktl/iface/scan.h
struct Scanner {
  virtual ~Scanner() = default;
  virtual std::string scan(Call& call, std::string_view solved) = 0;
};

// ktl/iface/policy.h
struct Policy {
  virtual ~Policy() = default;
  virtual std::string evaluate(Call& call, std::string_view judgement) = 0;
  virtual std::string decide(Call& call, std::string_view question) = 0;
};

// ktl/iface/cache.h
struct Cache {
  virtual ~Cache() = default;
  virtual std::string options(Call& call, std::string_view plan) = 0;
  virtual std::string inspect(Call& call, std::string_view query) = 0;
  virtual std::string plan(Call& call, std::string_view query) = 0;
  virtual std::string warm(Call& call, std::string_view query) = 0;
};

// ktl/iface/attest.h. One that does not sign, or cannot verify, leaves that to others.
struct Attester {
  virtual ~Attester() = default;
  virtual std::string attest(Call& call, std::string_view subject) = 0;
  virtual std::string sign(Call& /*call*/, std::string_view /*statement*/) {
    throw Error(KTL_UNIMPLEMENTED, "this plugin does not sign");
  }
  virtual std::string verify(Call& /*call*/, std::string_view /*envelope*/) {
    throw Error(KTL_UNIMPLEMENTED, "this plugin does not verify");
  }
};

// ktl/iface/export.h
struct Exporter {
  virtual ~Exporter() = default;
  virtual std::string choose(Call& call, std::string_view plan) = 0;
  virtual std::string stage(Call& call, std::string_view solved) = 0;
  virtual std::string commit(Call& call, std::string_view solved) = 0;
  virtual std::string rollback(Call& call, std::string_view solved) = 0;
};

// ktl/iface/events.h
struct EventSink {
  virtual ~EventSink() = default;
  virtual std::string on_events(Call& call, std::string_view batch) = 0;
};

// ktl/iface/command.h
struct Runner {
  virtual ~Runner() = default;
  virtual std::string run(Call& call, std::string_view command) = 0;
};

// ktl/iface/check.h
struct Checker {
  virtual ~Checker() = default;
  virtual std::string check(Call& call, std::string_view what) = 0;
};

// ktl/iface/secret.h. The value goes out through call.write: a returned text would leave copies.
struct SecretProvider {
  virtual ~SecretProvider() = default;
  virtual void resolve(Call& call, std::string_view reference) = 0;
};

}  // namespace sdk
}  // namespace ktl
