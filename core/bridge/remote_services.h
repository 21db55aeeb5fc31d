// Host services in a process that has none of its own: every question goes to the other side.
#pragma once

#include "core/bridge/peer.h"
#include "core/plugins/services/services.h"

namespace ktl::bridge {

// Thread rule: any thread but the one that reads from the peer, which outlives these.
class RemoteContent final : public ContentService {
 public:
  RemoteContent(Peer& peer, std::string folder) : peer_(peer), folder_(std::move(folder)) {}

  [[nodiscard]] Result<UniqueFd> open(std::string_view digest) const override;
  [[nodiscard]] Result<int64_t> size(std::string_view digest) const override;
  [[nodiscard]] Result<UniqueFd> create() const override;
  [[nodiscard]] Status commit(int fd, std::string_view digest) const override;
  [[nodiscard]] std::string folder() const override { return folder_; }

 private:
  Peer& peer_;
  const std::string folder_;
};

class RemoteAuth final : public AuthService {
 public:
  explicit RemoteAuth(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Result<std::optional<oci::Credentials>> credentials(
      std::string_view registry) const override;
  // Nobody asks for it here: what follows from it is decided where the credentials are.
  [[nodiscard]] Result<oci::Entry> entry(std::string_view registry) const override;
  [[nodiscard]] Result<oci::Token> token(std::string_view registry,
                                         const std::vector<std::string>& scopes) const override;

 private:
  Peer& peer_;
};

class RemoteSecrets final : public SecretService {
 public:
  explicit RemoteSecrets(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Result<SecretBytes> value(std::string_view id) const override;
  [[nodiscard]] Result<UniqueFd> connect_agent(std::string_view id) const override;

 private:
  Peer& peer_;
};

class RemoteFiles final : public FileService {
 public:
  explicit RemoteFiles(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Result<UniqueFd> open(std::string_view path) const override;
  [[nodiscard]] Status replace(std::string_view path, std::string_view bytes) const override;

 private:
  Peer& peer_;
};

class RemotePolicy final : public PolicyService {
 public:
  explicit RemotePolicy(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Status decide(std::string_view asker, const json::value& question) const override;

 private:
  Peer& peer_;
};

class RemoteBuilders final : public BuilderService {
 public:
  explicit RemoteBuilders(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Result<BuilderLine> open(std::string_view builder, size_t node) const override;

 private:
  Peer& peer_;
};

class RemoteTerminal final : public TerminalService {
 public:
  explicit RemoteTerminal(Peer& peer) : peer_(peer) {}
  [[nodiscard]] Result<TerminalLine> lend(std::string_view notice) override;

 private:
  Peer& peer_;
};

// Returns when the other side hides `value` from whatever is said from then on.
Status ask_to_redact(Peer& peer, std::string_view value);

}  // namespace ktl::bridge
