// ktl/plugin.hpp: the C++20 side of ktl/plugin.h, header-only, compiled into the plugin.
//
// A plugin is a class that derives from the interfaces it provides (Scanner, Exporter, ...), has a
// constructor (ktl::Call&, std::string_view config) and ends with KTL_PLUGIN(Class). Verbs take
// one JSON document and return one; they throw ktl::Error to fail. guard() below is the only
// try/catch on the way: no exception leaves the plugin.
#pragma once

#include <ktl/iface/attest.h>
#include <ktl/iface/builder.h>
#include <ktl/iface/cache.h>
#include <ktl/iface/check.h>
#include <ktl/iface/command.h>
#include <ktl/iface/events.h>
#include <ktl/iface/export.h>
#include <ktl/iface/policy.h>
#include <ktl/iface/prepare.h>
#include <ktl/iface/sandbox.h>
#include <ktl/iface/scan.h>
#include <ktl/iface/secret.h>
#include <ktl/iface/solve.h>
#include <ktl/interfaces.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace ktl {
inline namespace sdk {
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

// A secret's bytes were written by the plugin; there is nothing to return.
template <class P>
ktl_status secret_verb(ktl_instance* instance, ktl_call* call, ktl_str document) noexcept {
  auto& self = *reinterpret_cast<Instance<P>*>(instance);
  return guard(self.host, call, [&] {
    Call made(self.host, call);
    self.plugin.resolve(made, view(document));
  });
}

template <class P>
struct Tables {
  static constexpr ktl_prepare_v1 prepare() { return {&verb<P, &Preparer::prepare>}; }
  static constexpr ktl_sandbox_v1 sandbox() {
    return {&verb<P, &Sandbox::probe>, &verb<P, &Sandbox::wrap>};
  }
  static constexpr ktl_builder_v1 builder() {
    return {&verb<P, &BuilderKeeper::acquire>, &verb<P, &BuilderKeeper::release>};
  }
  static constexpr ktl_solve_v1 solve() {
    return {&verb<P, &Solver::connect>, &verb<P, &Solver::begin>, &verb<P, &Solver::next>,
            &verb<P, &Solver::resume>, &verb<P, &Solver::close>};
  }
  static constexpr ktl_scan_v1 scan() { return {&verb<P, &Scanner::scan>}; }
  static constexpr ktl_policy_v1 policy() {
    return {&verb<P, &Policy::evaluate>, &verb<P, &Policy::decide>};
  }
  static constexpr ktl_cache_v1 cache() {
    return {&verb<P, &Cache::options>, &verb<P, &Cache::inspect>, &verb<P, &Cache::plan>,
            &verb<P, &Cache::warm>};
  }
  static constexpr ktl_attest_v1 attest() {
    return {&verb<P, &Attester::attest>, &verb<P, &Attester::sign>, &verb<P, &Attester::verify>};
  }
  static constexpr ktl_export_v1 exporter() {
    return {&verb<P, &Exporter::choose>, &verb<P, &Exporter::stage>, &verb<P, &Exporter::commit>,
            &verb<P, &Exporter::rollback>};
  }
  static constexpr ktl_events_v1 events() { return {&verb<P, &EventSink::on_events>}; }
  static constexpr ktl_command_v1 command() { return {&verb<P, &Runner::run>}; }
  static constexpr ktl_check_v1 check() { return {&verb<P, &Checker::check>}; }
  static constexpr ktl_secret_v1 secret() { return {&secret_verb<P>}; }
};

// A table that lives as long as the plugin, made only for interfaces that P derives from.
template <class P, auto Make>
inline constexpr auto kTable = Make();

// The interfaces P provides are the SDK classes it derives from.
template <class P>
struct Interfaces {
  std::array<ktl_interface, 14> list{};  // the last one stays {NULL, NULL}
  constexpr Interfaces() {
    std::size_t n = 0;
    if constexpr (std::is_base_of_v<Preparer, P>) {
      list[n++] = {KTL_PREPARE_ID, &kTable<P, &Tables<P>::prepare>};
    }
    if constexpr (std::is_base_of_v<Sandbox, P>) {
      list[n++] = {KTL_SANDBOX_ID, &kTable<P, &Tables<P>::sandbox>};
    }
    if constexpr (std::is_base_of_v<BuilderKeeper, P>) {
      list[n++] = {KTL_BUILDER_ID, &kTable<P, &Tables<P>::builder>};
    }
    if constexpr (std::is_base_of_v<Solver, P>) {
      list[n++] = {KTL_SOLVE_ID, &kTable<P, &Tables<P>::solve>};
    }
    if constexpr (std::is_base_of_v<Scanner, P>) {
      list[n++] = {KTL_SCAN_ID, &kTable<P, &Tables<P>::scan>};
    }
    if constexpr (std::is_base_of_v<Policy, P>) {
      list[n++] = {KTL_POLICY_ID, &kTable<P, &Tables<P>::policy>};
    }
    if constexpr (std::is_base_of_v<Cache, P>) {
      list[n++] = {KTL_CACHE_ID, &kTable<P, &Tables<P>::cache>};
    }
    if constexpr (std::is_base_of_v<Attester, P>) {
      list[n++] = {KTL_ATTEST_ID, &kTable<P, &Tables<P>::attest>};
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
    if constexpr (std::is_base_of_v<SecretProvider, P>) {
      list[n++] = {KTL_SECRET_ID, &kTable<P, &Tables<P>::secret>};
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
      ktl_headers_sha256, ktl::detail::kInterfaces<TYPE>.list.data(), &ktl::detail::create<TYPE>, \
      &ktl::detail::destroy<TYPE>};                                                               \
  }
