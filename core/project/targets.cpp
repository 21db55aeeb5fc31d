#include "core/project/targets.h"

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "core/document/schema_rules.h"

namespace ktl {
namespace {

// `ktl build sandbox` is a command; "scratch" is no image that a name could stand for.
constexpr std::array<std::string_view, 4> kTaken = {"sandbox", "login", "logout", "scratch"};

// Lower case, since FROM finds a named context as the image that it is called like.
bool is_name(std::string_view name) {
  auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  auto joins = [](char c) { return c == '-' || c == '_'; };
  return !name.empty() && name.size() <= 63 && fits(name.front()) && fits(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return fits(c) || joins(c); });
}

Status check_name(const ProjectSource& source, const std::string& pointer, std::string_view name) {
  if (!is_name(name)) {
    return source
        .fault(pointer, "\"" + std::string(name.substr(0, 64)) + "\" is no name for a target")
        .advise("use lower case letters, digits, \"-\" and \"_\"");
  }
  if (std::ranges::find(kTaken, name) != kTaken.end()) {
    return source.fault(pointer, "a target cannot be called " + std::string(name))
        .advise("ktl build " + std::string(name) + " means something else: choose another name");
  }
  return {};
}

Result<Target> read_target(const ProjectSource& source, const std::string& name,
                           const json::value& mapping) {
  const std::string pointer = "/targets" + pointer_step(name);
  KTL_TRY(check_name(source, pointer, name));
  Target target{.name = name, .needs = texts_of(mapping, "needs"), .origin = source.place(pointer)};
  std::string context(text_of(mapping, "context", "."));
  target.context = is_address(context) ? context : source.absolute(context);
  target.context_origin = source.place(pointer + "/context");
  add_target_settings(source, pointer, mapping, target.settings);
  return target;
}

// Depth first. `path`: the targets that wait for `target`, outermost first.
void visit(const std::vector<Target>& targets, const Target& target,
           std::vector<const Target*>& path, std::vector<const Target*>& done,
           std::string& circle) {
  if (std::ranges::find(done, &target) != done.end()) {
    return;
  }
  const bool again = std::ranges::find(path, &target) != path.end();
  path.push_back(&target);
  if (again) {
    for (auto each = std::ranges::find(path, &target); each != path.end(); ++each) {
      circle += (circle.empty() ? "" : " -> ") + (*each)->name;
    }
    return;
  }
  for (const std::string& need : target.needs) {
    if (const Target* other = find_target(targets, need); other != nullptr && circle.empty()) {
      visit(targets, *other, path, done, circle);
    }
  }
  if (!circle.empty()) {
    return;  // the path ends where the circle closes
  }
  path.pop_back();
  done.push_back(&target);
}

Status check_circles(const ProjectSource& source, const std::vector<Target>& targets) {
  std::vector<const Target*> done;
  for (const Target& target : targets) {
    std::vector<const Target*> path;
    std::string circle;
    visit(targets, target, path, done, circle);
    if (!circle.empty()) {
      return source
          .fault("/targets" + pointer_step(path.back()->name) + "/needs",
                 "targets need each other in a circle: " + circle)
          .advise("take one of these needs away");
    }
  }
  return {};
}

}  // namespace

const Target* find_target(const std::vector<Target>& targets, std::string_view name) {
  auto found = std::ranges::find(targets, name, &Target::name);
  return found == targets.end() ? nullptr : &*found;
}

Status check_target_names(const ProjectSource& source, const std::string& pointer,
                          const std::vector<std::string>& names,
                          const std::vector<Target>& targets) {
  std::vector<std::string> known;
  for (const Target& target : targets) {
    known.push_back(target.name);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (find_target(targets, names[i]) == nullptr) {
      return source.fault(pointer + "/" + std::to_string(i), "there is no target " + names[i])
          .advise(did_you_mean(names[i], known));
    }
  }
  return {};
}

Result<std::vector<Target>> read_targets(const ProjectSource& source, const json::value& document) {
  std::vector<Target> targets;
  const json::value* all = field_of(document, "targets");
  if (all == nullptr) {
    return targets;
  }
  for (const auto& member : all->get_object()) {
    KTL_ASSIGN(Target target, read_target(source, member.key(), member.value()));
    targets.push_back(std::move(target));
  }
  for (const Target& target : targets) {
    KTL_TRY(check_target_names(source, "/targets" + pointer_step(target.name) + "/needs",
                               target.needs, targets));
  }
  KTL_TRY(check_circles(source, targets));
  return targets;
}

std::vector<const Target*> build_order(const std::vector<Target>& targets,
                                       const std::vector<std::string>& names) {
  std::vector<const Target*> order;
  for (const std::string& name : names) {
    std::vector<const Target*> path;
    std::string circle;
    visit(targets, *find_target(targets, name), path, order, circle);
  }
  return order;
}

}  // namespace ktl
