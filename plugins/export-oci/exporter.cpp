#include "exporter.h"

#include <unistd.h>

#include <algorithm>

#include "base/size.h"
#include "docker_load.h"
#include "folders.h"
#include "image_actions.h"
#include "network.h"
#include "oci/kept_images.h"
#include "receipts.h"

namespace ktl::export_oci {
namespace {

// Failures leave the plugin as exceptions, at its verbs and nowhere else.
void raise(const Status& status) {
  if (!status.ok()) {
    std::string where = status.where().empty() ? "" : status.where() + ": ";
    throw Error(static_cast<ktl_status>(status.code()), where + status.message(), status.next());
  }
}

template <class T>
T value_of(Result<T> result) {
  if (!result.ok()) {
    raise(result.status());
  }
  return *std::move(result);
}

// Whatever is wrong with what the user wrote is a usage error.
Status as_usage(Status status) {
  if (status.ok()) {
    return status;
  }
  return Status(Code::kInvalidArgument, status.message()).at(status.where()).advise(status.next());
}

std::set<std::string> insecure_of(const json::value& config) {
  auto names = texts_of(config, "insecure");
  return {names.begin(), names.end()};
}

Pusher pusher_of(std::string_view config) {
  json::value document = value_of(parse_json(config));
  return {insecure_of(document), static_cast<int>(int_of(document, "connections", 4))};
}

json::array outputs_of(const Wish& wish) {
  json::array outputs;
  for (const auto& tag : wish.tags) {
    if (wish.push) {
      outputs.emplace_back("registry " + (wish.by_digest ? tag.name() : tag.str()));
    }
    if (wish.keep) {
      outputs.emplace_back("ktl's store as " + tag.familiar());
    }
  }
  if (wish.keep && wish.tags.empty()) {
    outputs.emplace_back("ktl's store, without a name");
  }
  if (wish.load) {
    outputs.emplace_back("docker");
  }
  for (const Place& place : wish.places) {
    outputs.emplace_back(place.to_stdout() ? "stdout" : place.path.string());
  }
  return outputs;
}

int64_t store_limit_of(std::string_view config) {
  const json::value parsed = value_of(parse_json(config));
  return value_of(bytes_of(std::string(text_of(parsed, "store_limit", "20GB"))));
}

}  // namespace

ImageExporter::ImageExporter(Call&, std::string_view config)
    : pusher_(pusher_of(config)), store_limit_(store_limit_of(config)) {}

std::string ImageExporter::choose(Call& call, std::string_view plan) {
  sweep_outputs(notes_of(call));
  Wish wish = value_of(read_wish(value_of(parse_json(plan))));
  json::array exclude;
  if (wish.load) {
    raise(docker_socket().status());
  }
  for (const Place& place : wish.places) {
    raise(as_usage(check_destination(place)));
    for (const auto& path : place.to_stdout() ? std::vector<std::string>()
                                              : inside_context(place.path, wish.context)) {
      exclude.emplace_back(path);
    }
  }
  return json::serialize(json::object{{"staging", !wish.nothing()},
                                      {"outputs", outputs_of(wish)},
                                      {"exclude", std::move(exclude)}});
}

Result<ImageExporter::Job> ImageExporter::open_job(const Call& call,
                                                   std::string_view solved) const {
  KTL_ASSIGN(json::value document, parse_json(solved));
  const auto* plan = field_of(document, "plan");
  const auto* root = field_of(document, "root");
  if (plan == nullptr || root == nullptr || root->is_null()) {
    return Status(Code::kFailedPrecondition, "there is no staged result to export");
  }
  KTL_ASSIGN(Wish wish, read_wish(*plan));
  KTL_ASSIGN(oci::Descriptor descriptor, oci::parse_descriptor(*root, "root"));
  KTL_ASSIGN(oci::BlobFolder store, oci::BlobFolder::open(call.path(call.content().folder)));
  KTL_ASSIGN(oci::LayoutImage image, oci::layout_image(store, descriptor, wish.tags));
  Job job{std::move(wish), std::move(store), std::move(image), {}, {}, {}};
  const auto* files = field_of(document, "files");
  for (const auto& file :
       files == nullptr || !files->is_array() ? json::array() : files->as_array()) {
    job.files.emplace_back(std::string(text_of(file, "path")));
  }
  return job;
}

Status ImageExporter::stage_places(const Call& call, Job& job) {
  const std::filesystem::path cache = cache_of(call);
  const Destination::Content content{job.store, job.image, job.files, cache, notes_of(call)};
  for (const Place& place : job.wish.places) {
    KTL_ASSIGN(Destination made, Destination::stage(place, content, stop_of(call)));
    job.destinations.push_back(std::move(made));
  }
  if (job.wish.load) {
    const Place archive{Place::Kind::kDocker,
                        cache / ("load-" + std::to_string(::getpid()) + ".tar")};
    KTL_ASSIGN(Destination made, Destination::stage(archive, content, stop_of(call)));
    job.docker.emplace(std::move(made));
  }
  return {};
}

Status ImageExporter::stage_job(const Call& call, Job& job) {
  if (job.wish.load || !job.wish.places.empty()) {
    KTL_TRY(stage_places(call, job));
  }
  if (job.wish.push) {
    Network network(call, job.wish.rules);
    KTL_TRY(pusher_.stage(job.wish.tags, job.store, job.image, network.port(job.wish.insecure)));
  }
  return {};
}

Status ImageExporter::load(const Call& call, Job& job) {
  KTL_TRY(job.docker->commit());
  const std::filesystem::path archive = job.docker->path();
  http::Client client(call.cancel_fd());
  Result<std::string> socket = docker_socket();
  Status status = socket.ok() ? docker_load(client, *socket, archive) : socket.status();
  ::unlink(archive.c_str());
  job.docker.reset();
  return status;
}

std::string ImageExporter::stage(Call& call, std::string_view solved) {
  undo(call);
  job_.emplace(value_of(open_job(call, solved)));
  if (const Status status = stage_job(call, *job_); !status.ok()) {
    undo(call);
    raise(status);
  }
  return json::serialize(json::object{{"staged", outputs_of(job_->wish)}});
}

Status ImageExporter::commit_job(const Call& call, Job& job) {
  if (job.docker) {
    KTL_TRY(load(call, job));
  }
  if (job.wish.push && !job.wish.by_digest) {
    Network network(call, job.wish.rules);
    KTL_TRY(pusher_.commit(job.wish.tags, job.store, job.image, network.port(job.wish.insecure)));
  }
  for (Destination& destination : job.destinations) {
    KTL_TRY(destination.commit());
  }
  if (job.wish.keep) {
    const std::string store = call.path(call.content().folder);
    KTL_TRY(keep_in_store(store, job.image.root, job.wish.tags));
    KTL_TRY(oci::limit_store(store, store_limit_));
  }
  return {};
}

std::string ImageExporter::commit(Call& call, std::string_view) {
  if (!job_) {
    throw Error(KTL_FAILED_PRECONDITION, "nothing was staged that could be committed");
  }
  if (const Status status = commit_job(call, *job_); !status.ok()) {
    undo(call);
    raise(status);
  }
  std::string receipts =
      json::serialize(receipts_of(job_->wish, job_->image.root, call.path(call.content().folder)));
  job_.reset();
  return receipts;
}

std::string ImageExporter::rollback(Call& call, std::string_view) {
  undo(call);
  return "{}";
}

// What the user wrote is said as such; what went wrong with the world is exit 7.
std::string ImageExporter::run(Call& call, std::string_view document) {
  constexpr int kExitExport = 7;
  const json::value command = value_of(parse_json(document));
  const CommandLine line = value_of(parse_image_command(texts_of(command, "args")));
  Result<std::string> out = run_image_command(line, call.path(call.content().folder),
                                              image_actions(call, command, pusher_));
  const Code code = out.status().code();
  if (out.ok() || code == Code::kInvalidArgument || code == Code::kNotFound ||
      code == Code::kCancelled) {
    return json::serialize(json::object{{"exit", 0}, {"stdout", value_of(std::move(out))}});
  }
  for (const std::string& left :
       pusher_.rollback(Network(call, {}, Direction::kUndo).port(false))) {
    call.log(KTL_WARN, left);
  }
  call.log(KTL_ERROR, out.status().to_string());
  return json::serialize(json::object{{"exit", kExitExport}});
}

void ImageExporter::undo(const Call& call) {
  if (!job_) {
    return;
  }
  for (Destination& destination : job_->destinations) {
    destination.rollback();
  }
  if (job_->docker) {
    job_->docker->rollback();
  }
  Network network(call, job_->wish.rules, Direction::kUndo);
  for (const auto& line : pusher_.rollback(network.port(job_->wish.insecure))) {
    call.log(KTL_WARN, line);
  }
  job_.reset();
}

}  // namespace ktl::export_oci
