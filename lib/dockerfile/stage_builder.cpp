// make_stage_graph(): from instructions to stages.
#include <algorithm>
#include <charconv>
#include <map>

#include "dockerfile/circle.h"
#include "dockerfile/environment.h"
#include "dockerfile/sources.h"
#include "dockerfile/split_stages.h"
#include "dockerfile/stages.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

constexpr size_t kMaxSources = 10'000;
constexpr std::string_view kScratch = "scratch";

Status invalid(std::string message) { return Status(Code::kInvalidArgument, std::move(message)); }

bool is_stage_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

class Builder {
 public:
  Builder(const Dockerfile& file, const StageOptions& options)
      : file_(file), options_(options), expander_(file.escape) {}

  Result<StageGraph> run() {
    add_frontend();
    const bool other_frontend = !graph_.sources.empty();
    KTL_ASSIGN(split_, split_stages(file_, !other_frontend));
    KTL_TRY(read_global_scope());
    for (const StagePart& part : split_.parts) {
      KTL_TRY(located(declare(part), *part.from));
    }
    for (Stage& stage : graph_.stages) {
      KTL_TRY(read_stage(stage));
    }
    KTL_TRY(check_circles());
    return std::move(graph_);
  }

 private:
  Status located(Status status, const Instruction& at) const {
    if (status.ok()) {
      return status;
    }
    return std::move(status).at(file_.name + ":" + std::to_string(at.start_line));
  }

  void add_frontend() {
    Source source{.kind = Source::Kind::kFrontend, .use = Source::Use::kFrontend};
    const auto chosen = options_.build_args.find("BUILDKIT_SYNTAX");
    if (chosen != options_.build_args.end()) {
      const std::string_view value = trim(chosen->second);
      source.reference = value.substr(0, value.find(' '));
    } else if (file_.syntax.has_value()) {
      source.reference = file_.syntax->value;
      source.line = file_.syntax->line;
    }
    if (!source.reference.empty()) {
      graph_.sources.push_back(std::move(source));
    }
  }

  Status read_global_scope() {
    const auto& last = split_.parts.back().from->arguments;
    Variables defaults = options_.platform_args;
    defaults["TARGETSTAGE"] = !options_.target.empty() ? options_.target
                              : last.size() == 3       ? to_lower(last[2])
                                                       : "default";
    for (auto& [name, value] : defaults) {
      const auto given = options_.build_args.find(name);
      value = given == options_.build_args.end() ? value : given->second;
    }
    global_ = Environment(Environment::Scope::kClosed, std::move(defaults));
    for (const Instruction* arg : split_.global_args) {
      KTL_TRY(located(global_.apply_arg(*arg, options_.build_args, {}, expander_), *arg));
    }
    return {};
  }

  Result<std::string> stage_name(const Instruction& from) const {
    const auto& words = from.arguments;
    if (words.size() == 1) {
      return std::string();
    }
    if (words.size() != 3 || to_lower(words[1]) != "as") {
      return invalid("FROM takes an image and perhaps a name")
          .advise("write FROM image or FROM image AS name");
    }
    std::string name = to_lower(words[2]);
    if (!is_stage_name(name)) {
      return invalid("a stage cannot be called " + words[2])
          .advise("use letters, digits, - _ and ., and a letter first");
    }
    return name;
  }

  // `word` in the scope before the first FROM.
  Result<std::string> expand_globally(const std::string& word, std::string_view what) {
    KTL_ASSIGN(auto expansion, expander_.expand(word, global_.variables()));
    if (expansion.text.empty()) {
      return invalid("the " + std::string(what) + " " + word + " comes out empty")
          .advise("give its ARG a default before the first FROM, or use --build-arg");
    }
    return std::move(expansion.text);
  }

  // The FROM line: a name, a platform and a base.
  Status declare(const StagePart& part) {
    const Instruction& from = *part.from;
    Stage stage{.index = graph_.stages.size(), .line = from.start_line};
    KTL_ASSIGN(stage.name, stage_name(from));
    KTL_ASSIGN(const std::string base, expand_globally(from.arguments[0], "base"));
    for (const std::string_view platform : flag_values(from, "platform")) {
      KTL_ASSIGN(stage.platform, expand_globally(std::string(platform), "platform"));
    }
    stage.base = base_of(stage, base);
    if (stage.base.kind == Base::Kind::kStage) {
      stage.needs.push_back(stage.base.stage);
    }
    if (!stage.name.empty()) {
      by_name_[stage.name] = stage.index;
    }
    graph_.stages.push_back(std::move(stage));
    return {};
  }

  Base base_of(const Stage& stage, const std::string& name) const {
    if (!stage.name.empty() && is_context(stage.name)) {
      return {.kind = Base::Kind::kContext, .name = stage.name};
    }
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
      return {.kind = Base::Kind::kStage, .name = name, .stage = found->second};
    }
    if (name == kScratch) {
      return {.kind = Base::Kind::kScratch, .name = name};
    }
    const bool replaced = is_context(name);
    return {.kind = replaced ? Base::Kind::kContext : Base::Kind::kImage,
            .name = replaced ? context_name(name) : name};
  }

  [[nodiscard]] std::string context_name(const std::string& name) const {
    return options_.contexts.contains(name) ? name : familiar_name(name);
  }
  [[nodiscard]] bool is_context(const std::string& name) const {
    const std::string lower = to_lower(name);
    return lower != kScratch && lower != "context" &&
           options_.contexts.contains(context_name(name));
  }

  Status read_stage(Stage& stage) {
    const StagePart& part = split_.parts[stage.index];
    Environment environment(Environment::Scope::kOpen);
    KTL_TRY(located(add_base(stage), *part.from));
    if (stage.base.kind == Base::Kind::kStage) {
      environment = environments_[stage.base.stage];
      for (const Instruction& parent : split_.parts[stage.base.stage].body) {
        for (const Instruction& trigger : parent.trigger) {
          KTL_TRY(located(read_instruction(trigger, stage, environment), trigger));
        }
      }
    }
    for (const Instruction& instruction : part.body) {
      KTL_TRY(located(read_instruction(instruction, stage, environment), instruction));
    }
    environments_.push_back(std::move(environment));
    std::ranges::sort(stage.needs);
    stage.needs.erase(std::ranges::unique(stage.needs).begin(), stage.needs.end());
    return {};
  }

  Status add_base(const Stage& stage) {
    const bool image = stage.base.kind == Base::Kind::kImage;
    if (!image && stage.base.kind != Base::Kind::kContext) {
      return {};
    }
    return add_source({.kind = image ? Source::Kind::kImage : Source::Kind::kContext,
                       .reference = stage.base.name,
                       .line = stage.line,
                       .stage = stage.index});
  }

  Status add_source(Source source) {
    if (graph_.sources.size() == kMaxSources) {
      return Status(Code::kResourceExhausted, "more than 10000 images and URLs");
    }
    graph_.sources.push_back(std::move(source));
    return {};
  }

  Status read_instruction(const Instruction& instruction, Stage& stage, Environment& environment) {
    if (instruction.keyword == "ARG") {
      return environment.apply_arg(instruction, options_.build_args, global_.variables(),
                                   expander_);
    }
    if (instruction.keyword == "ENV") {
      return environment.apply_env(instruction, expander_);
    }
    if (instruction.keyword == "COPY") {
      return read_copy(instruction, stage);
    }
    if (instruction.keyword == "RUN") {
      read_run_flags(instruction, stage);
      return read_run(instruction, stage);
    }
    const bool replaced = stage.base.kind == Base::Kind::kContext && stage.base.name == stage.name;
    return instruction.keyword == "ADD" && !replaced ? read_add(instruction, stage, environment)
                                                     : Status();
  }

  Status read_copy(const Instruction& copy, Stage& stage) {
    for (const std::string_view flag : flag_values(copy, "from")) {
      if (flag.empty()) {
        continue;
      }
      KTL_ASSIGN(const auto expansion, expander_.expand(flag, {}));
      if (expansion.text != flag) {
        return invalid("variables are not expanded in COPY --from=" + std::string(flag))
            .advise("name a stage there that starts FROM " + std::string(flag));
      }
      KTL_ASSIGN(const auto number, stage_number(flag));
      if (number.has_value()) {
        stage.needs.push_back(*number);
      } else {
        KTL_TRY(add_reference(std::string(flag), copy, stage, Source::Use::kCopy));
      }
    }
    return {};
  }

  // Nothing when `text` is no number.
  Result<std::optional<size_t>> stage_number(std::string_view text) const {
    const bool negative = text.starts_with('-');
    const std::string_view digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return std::optional<size_t>();
    }
    size_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || negative || number >= graph_.stages.size()) {
      return invalid("there is no stage number " + std::string(text))
          .advise("stages are numbered from 0 to " + std::to_string(graph_.stages.size() - 1));
    }
    return std::optional<size_t>(number);
  }

  Status read_run(const Instruction& run, Stage& stage) {
    KTL_ASSIGN(const auto mounts, mount_sources(run));
    for (const std::string& from : mounts) {
      KTL_TRY(add_reference(from, run, stage, Source::Use::kMount));
    }
    return {};
  }

  // The last value of a flag, in which the frontend fills in variables; empty when it has none.
  Result<std::string> flag_text(const Instruction& instruction, std::string_view name,
                                const Environment& environment) {
    const auto values = flag_values(instruction, name);
    if (values.empty()) {
      return std::string();
    }
    KTL_ASSIGN(auto expansion, expander_.expand(values.back(), environment.variables()));
    return std::move(expansion.text);
  }

  // No variables here: the frontend fills in none.
  void read_run_flags(const Instruction& run, const Stage& stage) {
    Run made{.line = run.start_line, .stage = stage.index};
    for (const std::string_view network : flag_values(run, "network")) {
      made.network = network;
    }
    for (const std::string_view security : flag_values(run, "security")) {
      made.security = security;
    }
    if (!made.network.empty() || !made.security.empty()) {
      graph_.runs.push_back(std::move(made));
    }
  }

  // A stage of that name, whatever its place in the file; else a context or an image.
  Status add_reference(const std::string& name, const Instruction& user, Stage& stage,
                       Source::Use use) {
    if (const auto found = by_name_.find(to_lower(name)); found != by_name_.end()) {
      stage.needs.push_back(found->second);
      return {};
    }
    if (name == kScratch) {
      return {};
    }
    const bool context = is_context(name);
    return add_source({.kind = context ? Source::Kind::kContext : Source::Kind::kImage,
                       .reference = context ? context_name(name) : name,
                       .line = user.start_line,
                       .stage = stage.index,
                       .use = use});
  }

  Status read_add(const Instruction& add, const Stage& stage, const Environment& environment) {
    KTL_ASSIGN(const std::string checksum, flag_text(add, "checksum", environment));
    for (size_t i = 0; i + 1 < add.arguments.size(); ++i) {
      KTL_ASSIGN(const auto expansion, expander_.expand(add.arguments[i], environment.variables()));
      const Origin origin = origin_of(expansion.text);
      if (origin == Origin::kLocal && expansion.complete) {
        continue;
      }
      KTL_TRY(add_source({.kind = origin == Origin::kGit ? Source::Kind::kGit : Source::Kind::kHttp,
                          .reference = expansion.complete ? expansion.text : add.arguments[i],
                          .line = add.start_line,
                          .stage = stage.index,
                          .use = Source::Use::kAdd,
                          .checksum = checksum,
                          .exact = expansion.complete}));
    }
    return {};
  }

  Status check_circles() const {
    const auto circle = find_circle(graph_.stages);
    if (circle.empty()) {
      return {};
    }
    std::string text;
    for (const size_t stage : circle) {
      text += title(stage) + " -> ";
    }
    return located(invalid("stages need one another in a circle: " + text + title(circle[0])),
                   *split_.parts[circle[0]].from);
  }

  [[nodiscard]] std::string title(size_t stage) const {
    const std::string& name = graph_.stages[stage].name;
    return name.empty() ? "stage " + std::to_string(stage) : name;
  }

  const Dockerfile& file_;
  const StageOptions& options_;
  Expander expander_;
  StageSplit split_;
  Environment global_{Environment::Scope::kClosed};
  std::map<std::string, size_t, std::less<>> by_name_;
  std::vector<Environment> environments_;  // as each stage leaves it
  StageGraph graph_;
};

}  // namespace

Result<StageGraph> make_stage_graph(const Dockerfile& file, const StageOptions& options) {
  return Builder(file, options).run();
}

}  // namespace ktl::dockerfile
