// The 1-on-1 lane, where the configuration has a vault for its secrets.
#include "engine/core/engine.h"
#include "engine/core/routing.h"
#include "mailbox/office/vault_keys.h"

namespace hongyan::engine {

async::Task<std::optional<StartFailure>> Engine::open_office(
    std::shared_ptr<const answer::Classifier> classifier, std::string secret) {
  auto keys = co_await mailbox::open_vault(config_->local, *store_, std::move(vault_key_));
  if (!keys)
    co_return StartFailure{keys.error().code.starts_with("vault-"),
                           {"vault: " + keys.error().detail}};
  if (!*keys) co_return std::nullopt;
  StartFailure failure{true, {}};
  auto catalogue = mailbox::Catalogue::built_in();
  auto explainer = login::Explainer::built_in();
  const auto tell = [&failure](const Faults& faults) {
    for (const Fault& fault : faults) failure.sentences.push_back(fault.sentence());
  };
  if (!catalogue) tell(catalogue.error());
  if (!explainer) tell(explainer.error());
  auto resolver = dns::Resolver::create(executor_, resolver_options(*config_));
  if (!resolver) failure.sentences.push_back(resolver.error().detail);
  if (!failure.sentences.empty()) co_return failure;
  resolver_ = *std::move(resolver);
  auto hook = mailbox::Hook::open(config_->local, *resolver_);
  if (!hook) co_return StartFailure{true, {"mailbox_hook: " + hook.error().detail}};
  office_ = std::make_unique<mailbox::Office>(
      executor_,
      mailbox::Office::Options{
          .config = config_,
          .engine = id_,
          .classifier = std::move(classifier),
          .explainer = *std::move(explainer),
          .catalogue = std::make_shared<const mailbox::Catalogue>(*std::move(catalogue)),
          .keys = *std::move(keys),
          .resolver = *resolver_,
          .registry = registry_,
          .may_work = [this] { return may_take() && supervisor_->hold().may_send(); },
          .secret = std::move(secret),
          .hook = *std::move(hook)},
      *store_);
  co_return std::nullopt;
}

// Also where there is no vault: what is counted lies in Redis.
void Engine::open_tracking(std::string secret) {
  tracking_ = std::make_unique<mailbox::Tracking>(mailbox::Tracking::Tools{
      .store = *store_,
      .registry = registry_,
      .secret = std::move(secret),
      .publish = [this](mailbox::Account account) -> async::Task<> {
        if (office_) {
          co_await office_->publish(std::move(account));
          co_return;
        }
        (void)co_await store::InboxStore(*store_).publish(account.address, account.tenant,
                                                          config_->fleet.retention.events);
      }});
}

}  // namespace hongyan::engine
