#include "ledger/chain.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "base/sha256.h"

namespace ktl::ledger {
namespace {

constexpr size_t kMostSteps = 65536;
constexpr size_t kMostInputs = 4096;
constexpr std::string_view kLocal = "local://";
constexpr std::array<std::string_view, 4> kUnstable = {"local.session", "local.unique",
                                                       "local.sharedkeyhint", "oci.session"};

// The same value with every object's keys in order: what is hashed must not depend on a writer.
json::value sorted(const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::map<std::string_view, const json::value*> members;
    for (const auto& member : *object) {
      members[member.key()] = &member.value();
    }
    json::object out;
    for (const auto& [key, member] : members) {
      out[key] = sorted(*member);
    }
    return out;
  }
  if (const auto* array = value.if_array()) {
    json::array out;
    for (const json::value& each : *array) {
      out.push_back(sorted(each));
    }
    return out;
  }
  return value;
}

struct Input {
  size_t step;
  int64_t output;
};

// One operation of the definition.
struct Operation {
  std::string id;
  json::object op;     // {"Op": {KIND: {...}}, "platform": ..., "constraints": ...}
  std::string kind;    // empty: the end of the graph
  std::string folder;  // of a local source
  std::vector<Input> inputs;
};

Status bad(const std::string& what) {
  return {Code::kInvalidArgument, "the build's provenance " + what};
}

// "step12:0".
std::optional<std::pair<std::string, int64_t>> parse_input(std::string_view text) {
  const size_t colon = text.rfind(':');
  int64_t output = 0;
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data() + colon + 1, end, output);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return std::pair(std::string(text.substr(0, colon)), output);
}

void forget_session(json::object& source) {
  json::value* attributes = source.if_contains("attrs");
  if (attributes != nullptr && attributes->is_object()) {
    for (std::string_view name : kUnstable) {
      attributes->get_object().erase(name);
    }
  }
}

// The graph with names resolved.
class Graph {
 public:
  static Result<Graph> read(const json::array& definition) {
    Graph graph;
    if (definition.size() > kMostSteps) {
      return bad("has more than 65536 steps");
    }
    for (const json::value& step : definition) {
      KTL_TRY(graph.add(step));
    }
    for (size_t i = 0; i < definition.size(); ++i) {
      KTL_TRY(graph.connect(i, texts_of(definition[i], "inputs")));
    }
    return graph;
  }

  std::vector<Operation> operations;

 private:
  Status add(const json::value& step) {
    const json::value* op = field_of(step, "op");
    const json::value* kinds = op == nullptr ? nullptr : field_of(*op, "Op");
    Operation made;
    made.id = text_of(step, "id");
    if (kinds != nullptr && kinds->is_object() && !kinds->get_object().empty()) {
      made.kind = kinds->get_object().begin()->key();
      made.op = op->get_object();
      made.op.erase("inputs");
      read_source(made);
    }
    if (!places_.emplace(made.id, operations.size()).second) {
      return bad("has two steps of one name");
    }
    operations.push_back(std::move(made));
    return {};
  }

  static void read_source(Operation& made) {
    json::value& body = made.op["Op"].get_object()[made.kind];
    if (made.kind == "source" && body.is_object()) {
      forget_session(body.get_object());
      const std::string_view identifier = text_of(body, "identifier");
      made.folder = identifier.starts_with(kLocal) ? identifier.substr(kLocal.size()) : "";
    }
  }

  Status connect(size_t place, const std::vector<std::string>& inputs) {
    if (inputs.size() > kMostInputs) {
      return bad("has a step with more than 4096 inputs");
    }
    for (const std::string& text : inputs) {
      const auto input = parse_input(text);
      auto found = input ? places_.find(input->first) : places_.end();
      if (found == places_.end()) {
        return bad("has a step whose input is none");
      }
      operations[place].inputs.push_back({found->second, input->second});
    }
    return {};
  }

  std::map<std::string, size_t> places_;
};

// What the operation takes from its input number `input`, which is a local folder.
void select(const Operation& operation, size_t input, const std::string& folder,
            std::vector<Selection>& out) {
  const json::value& body = operation.op.at("Op").get_object().at(operation.kind);
  const auto number = static_cast<int64_t>(input);
  bool found = false;
  auto take = [&](std::string_view path, const json::value* copy) {
    Selection selection;
    selection.folder = folder;
    selection.path = path.empty() ? "/" : path;
    if (copy != nullptr) {
      selection.wildcard = bool_of(*copy, "allowWildcard");
      selection.include = texts_of(*copy, "include_patterns");
      selection.exclude = texts_of(*copy, "exclude_patterns");
    }
    out.push_back(std::move(selection));
    found = true;
  };
  const json::value* mounts = field_of(body, "mounts");
  const json::value* actions = field_of(body, "actions");
  if (operation.kind == "exec" && mounts != nullptr && mounts->is_array()) {
    for (const json::value& mount : mounts->get_array()) {
      if (int_of(mount, "input") == number && int_of(mount, "mountType") == 0) {
        take(text_of(mount, "selector"), nullptr);
      }
    }
  } else if (operation.kind == "file" && actions != nullptr && actions->is_array()) {
    for (const json::value& action : actions->get_array()) {
      const json::value* kind = field_of(action, "Action");
      const json::value* copy = kind == nullptr ? nullptr : field_of(*kind, "copy");
      if (int_of(action, "input", -1) == number) {
        take("/", nullptr);  // the folder itself is changed
      } else if (int_of(action, "secondaryInput", -1) == number && copy != nullptr) {
        take(text_of(*copy, "src"), copy);
      }
    }
  }
  if (!found) {
    take("/", nullptr);
  }
}

// The buildConfig of a predicate or statement; null when there is none.
const json::value* config_of(const json::value& provenance) {
  const json::value* predicate = field_of(provenance, "predicate");
  const json::value* at = predicate == nullptr ? &provenance : predicate;
  if (const json::value* build = field_of(*at, "buildDefinition")) {
    at = field_of(*build, "internalParameters");
  }
  return at == nullptr ? nullptr : field_of(*at, "buildConfig");
}

// Digests from the sources to the end.
class Chain {
 public:
  Chain(const Graph& graph, const ContentDigest& content)
      : operations_(graph.operations), content_(content), states_(operations_.size()) {}

  // Without recursion: a chain may be as long as the graph.
  Status visit(size_t start) {
    std::vector<size_t> path{start};
    while (!path.empty()) {
      const size_t at = path.back();
      State& state = states_[at];
      if (state.next < operations_[at].inputs.size()) {
        const size_t input = operations_[at].inputs[state.next++].step;
        if (!states_[input].done) {
          if (states_[input].next > 0 || input == at) {
            return bad("has steps in a circle");
          }
          path.push_back(input);
        }
        continue;
      }
      if (!state.done) {
        state.digest = digest(operations_[at]);
        state.done = true;
      }
      path.pop_back();
    }
    return {};
  }

  [[nodiscard]] const std::string& digest_of(size_t place) const { return states_[place].digest; }

 private:
  struct State {
    size_t next = 0;
    bool done = false;
    std::string digest;
  };

  std::string digest(const Operation& operation) const {
    if (operation.kind.empty()) {
      return {};
    }
    json::array inputs;
    std::vector<Selection> selections;
    for (size_t i = 0; i < operation.inputs.size(); ++i) {
      const Input& input = operation.inputs[i];
      if (states_[input.step].digest.empty()) {
        return {};
      }
      inputs.push_back({{"output", input.output}, {"step", states_[input.step].digest}});
      if (const std::string& folder = operations_[input.step].folder; !folder.empty()) {
        select(operation, i, folder, selections);
      }
    }
    json::array contents;
    for (const Selection& selection : selections) {
      Result<std::string> content = content_(selection);
      if (!content.ok()) {
        return {};
      }
      contents.emplace_back(*content);
    }
    return ktl::digest_of(json::serialize(json::object{{"content", std::move(contents)},
                                                       {"inputs", std::move(inputs)},
                                                       {"op", sorted(operation.op)}}));
  }

  const std::vector<Operation>& operations_;
  const ContentDigest& content_;
  std::vector<State> states_;
};

}  // namespace

Result<std::vector<Step>> step_digests(const json::array& definition,
                                       const ContentDigest& content) {
  KTL_ASSIGN(Graph graph, Graph::read(definition));
  Chain chain(graph, content);
  std::vector<Step> steps;
  for (size_t i = 0; i < graph.operations.size(); ++i) {
    KTL_TRY(chain.visit(i));
    const Operation& operation = graph.operations[i];
    if (!operation.kind.empty()) {
      steps.push_back({operation.id, operation.kind, chain.digest_of(i)});
    }
  }
  return steps;
}

std::map<std::string, std::string> vertices_of(const json::value& provenance) {
  std::map<std::string, std::string> vertices;
  const json::value* config = config_of(provenance);
  const json::value* mapping = config == nullptr ? nullptr : field_of(*config, "digestMapping");
  if (mapping != nullptr && mapping->is_object() && mapping->get_object().size() <= kMostSteps) {
    for (const auto& [vertex, id] : mapping->get_object()) {
      if (id.is_string() && is_digest(vertex)) {
        vertices[vertex] = id.get_string().c_str();
      }
    }
  }
  return vertices;
}

Result<json::array> definition_of(const json::value& provenance) {
  const json::value* config = config_of(provenance);
  const json::value* list = config == nullptr ? nullptr : field_of(*config, "llbDefinition");
  if (list == nullptr || !list->is_array()) {
    return Status(Code::kNotFound, "the build's provenance does not list its steps");
  }
  return list->get_array();
}

}  // namespace ktl::ledger
