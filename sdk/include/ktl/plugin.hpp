// ktl/plugin.hpp: the C++20 side of ktl/plugin.h, header-only, compiled into the plugin.
//
// A plugin is a class that derives from the interfaces it provides (Scanner, Exporter, ...), has a
// constructor (ktl::Call&, std::string_view config) and ends with KTL_PLUGIN(Class). Verbs take
// one JSON document and return one; they throw ktl::Error to fail. guard() below is the only
// try/catch on the way: no exception leaves the plugin.
#pragma once

#include <ktl/iface/check.h>
#include <ktl/iface/command.h>
#include <ktl/iface/events.h>
#include <ktl/iface/export.h>
#include <ktl/iface/host.h>
#include <ktl/iface/scan.h>
#include <ktl/iface/solve.h>
#include <ktl/plugin.h>

#include <array>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#ifndef KTL_HEADERS_SHA256
#error "KTL_HEADERS_SHA256 is not set: build the plugin with ktl_add_plugin()"
#endif

namespace ktl {
// Inline, so that these names never meet ktl's own in a test that links both into one program.
inline namespace sdk {

inline std::string_view view(ktl_str text) { return {text.data, text.size}; }
inline ktl_str str(std::string_view text) { return {text.data(), text.size()}; }

// Why a verb failed: a KTL_* code, one sentence, and what the user can do about it.
class Error : public std::runtime_error {
 public:
  Error(ktl_status code, const std::string& message, std::string next = {})
      : std::runtime_error(message), code_(code), next_(std::move(next)) {}
  [[nodiscard]] ktl_status code() const { return code_; }
  [[nodiscard]] const std::string& next() const { return next_; }

 private:
  ktl_status code_;
  std::string next_;
};

// One call into the plugin. Valid, from any thread, until the verb returns.
class Call {
 public:
  Call(const ktl_host& host, ktl_call* call) : host_(&host), call_(call) {}

  void emit(std::string_view type, std::string_view body) const {
    host_->emit(call_, str(type), str(body));
  }
  void log(int32_t level, std::string_view message) const {
    host_->log(call_, level, str(message));
  }
  [[nodiscard]] bool cancelled() const { return host_->cancelled(call_) != 0; }
  [[nodiscard]] int cancel_fd() const { return host_->cancel_fd(call_); }
  [[nodiscard]] int64_t deadline_ns() const { return host_->deadline_ns(call_); }

  // The table of a host service; throws KTL_UNIMPLEMENTED when ktl does not offer it.
  template <class Table>
  [[nodiscard]] const Table& service(std::string_view id) const {
    const void* table = host_->get(call_, str(id));
    if (table == nullptr) {
      throw Error(KTL_UNIMPLEMENTED, "this ktl does not offer " + std::string(id));
    }
    return *static_cast<const Table*>(table);
  }
  [[nodiscard]] const ktl_host_content_v1& content() const {
    return service<ktl_host_content_v1>(KTL_HOST_CONTENT_ID);
  }
  // Runs a host verb that fills a path buffer and returns the path.
  [[nodiscard]] std::string path(ktl_status (*verb)(ktl_call*, char*, size_t*)) const {
    std::array<char, 4096> buffer{};
    size_t size = buffer.size();
    ktl_status code = verb(call_, buffer.data(), &size);
    if (code != KTL_OK) {
      throw Error(code, "ktl could not provide a folder");
    }
    return {buffer.data(), size};
  }

  [[nodiscard]] const ktl_host& host() const { return *host_; }
  [[nodiscard]] ktl_call* raw() const { return call_; }

 private:
  const ktl_host* host_;
  ktl_call* call_;
};

// The interfaces, one class each; the comments are in ktl/iface/*.h.
struct Scanner {
  virtual ~Scanner() = default;
  virtual std::string scan(Call& call, std::string_view solved) = 0;
};
struct Solver {
  virtual ~Solver() = default;
  virtual std::string connect(Call& call, std::string_view builder) = 0;
  virtual std::string begin(Call& call, std::string_view solve) = 0;
  virtual std::string next(Call& call, std::string_view build) = 0;
  virtual std::string resume(Call& call, std::string_view decision) = 0;
  virtual std::string close(Call& call, std::string_view build) = 0;
};
struct Exporter {
  virtual ~Exporter() = default;
  virtual std::string choose(Call& call, std::string_view plan) = 0;
  virtual std::string stage(Call& call, std::string_view solved) = 0;
  virtual std::string commit(Call& call, std::string_view solved) = 0;
  virtual std::string rollback(Call& call, std::string_view solved) = 0;
};
struct EventSink {
  virtual ~EventSink() = default;
  virtual std::string on_events(Call& call, std::string_view batch) = 0;
};
struct Runner {
  virtual ~Runner() = default;
  virtual std::string run(Call& call, std::string_view command) = 0;
};
struct Checker {
  virtual ~Checker() = default;
  virtual std::string check(Call& call, std::string_view what) = 0;
};

namespace detail {

// Exceptions stop here.
template <class F>
ktl_status guard(const ktl_host& host, ktl_call* call, F&& f) noexcept {
  try {
    std::forward<F>(f)();
    return KTL_OK;
  } catch (const Error& e) {
    return host.fail(call, e.code(), str(e.what()), str(e.next()));
  } catch (const std::exception& e) {
    return host.fail(call, KTL_INTERNAL, str(e.what()), {nullptr, 0});
  } catch (...) {
    return host.fail(call, KTL_UNKNOWN, str("exception of unknown type"), {nullptr, 0});
  }
}

template <class P>
struct Instance {
  const ktl_host& host;
  P plugin;
};

template <class P>
ktl_status create(const ktl_host* host, ktl_call* call, ktl_str config,
                  ktl_instance** out) noexcept {
  return guard(*host, call, [&] {
    Call made(*host, call);
    *out = reinterpret_cast<ktl_instance*>(new Instance<P>{*host, P(made, view(config))});
  });
}

template <class P>
void destroy(ktl_instance* instance) noexcept {
  delete reinterpret_cast<Instance<P>*>(instance);
}

// The C verb that calls the C++ one: `Verb` is a pointer to member of P's base.
template <class P, auto Verb>
ktl_status verb(ktl_instance* instance, ktl_call* call, ktl_str document) noexcept {
  auto& self = *reinterpret_cast<Instance<P>*>(instance);
  return guard(self.host, call, [&] {
    Call made(self.host, call);
    std::string result = (self.plugin.*Verb)(made, view(document));
    self.host.write(call, str(result));
  });
}

template <class P>
struct Tables {
  static constexpr ktl_scan_v1 scan() { return {&verb<P, &Scanner::scan>}; }
  static constexpr ktl_solve_v1 solve() {
    return {&verb<P, &Solver::connect>, &verb<P, &Solver::begin>, &verb<P, &Solver::next>,
            &verb<P, &Solver::resume>, &verb<P, &Solver::close>};
  }
  static constexpr ktl_export_v1 exporter() {
    return {&verb<P, &Exporter::choose>, &verb<P, &Exporter::stage>, &verb<P, &Exporter::commit>,
            &verb<P, &Exporter::rollback>};
  }
  static constexpr ktl_events_v1 events() { return {&verb<P, &EventSink::on_events>}; }
  static constexpr ktl_command_v1 command() { return {&verb<P, &Runner::run>}; }
  static constexpr ktl_check_v1 check() { return {&verb<P, &Checker::check>}; }
};

// A table that lives as long as the plugin, made only for interfaces that P derives from.
template <class P, auto Make>
inline constexpr auto kTable = Make();

// The interfaces P provides are the SDK classes it derives from.
template <class P>
struct Interfaces {
  std::array<ktl_interface, 7> list{};
  constexpr Interfaces() {
    std::size_t n = 0;
    if constexpr (std::is_base_of_v<Scanner, P>) {
      list[n++] = {KTL_SCAN_ID, &kTable<P, &Tables<P>::scan>};
    }
    if constexpr (std::is_base_of_v<Solver, P>) {
      list[n++] = {KTL_SOLVE_ID, &kTable<P, &Tables<P>::solve>};
    }
    if constexpr (std::is_base_of_v<Exporter, P>) {
      list[n++] = {KTL_EXPORT_ID, &kTable<P, &Tables<P>::exporter>};
    }
    if constexpr (std::is_base_of_v<EventSink, P>) {
      list[n++] = {KTL_EVENTS_ID, &kTable<P, &Tables<P>::events>};
    }
    if constexpr (std::is_base_of_v<Runner, P>) {
      list[n++] = {KTL_COMMAND_ID, &kTable<P, &Tables<P>::command>};
    }
    if constexpr (std::is_base_of_v<Checker, P>) {
      list[n++] = {KTL_CHECK_ID, &kTable<P, &Tables<P>::check>};
    }
  }
};

template <class P>
inline constexpr Interfaces<P> kInterfaces{};

}  // namespace detail
}  // namespace sdk
}  // namespace ktl

// Exports the plugin. A test that links a plugin in defines KTL_PLUGIN_SYMBOL to a name of its own.
#ifndef KTL_PLUGIN_SYMBOL
#define KTL_PLUGIN_SYMBOL ktl_plugin_draft_entry
#endif
#define KTL_PLUGIN(TYPE)                                                                          \
  extern "C" {                                                                                    \
  KTL_PLUGIN_EXPORT extern const ktl_plugin_draft KTL_PLUGIN_SYMBOL;                              \
  const ktl_plugin_draft KTL_PLUGIN_SYMBOL = {                                                    \
      KTL_HEADERS_SHA256, ktl::detail::kInterfaces<TYPE>.list.data(), &ktl::detail::create<TYPE>, \
      &ktl::detail::destroy<TYPE>};                                                               \
  }
