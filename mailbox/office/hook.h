#pragma once

#include "base/async/task_group.h"
#include "base/http/client.h"
#include "base/json.h"
#include "base/secret.h"
#include "dns/resolver.h"
#include "engine/config/local.h"
#include "mailbox/office/hook_form.h"

#include <deque>
#include <memory>
#include <random>
#include <string>

namespace hongyan::mailbox {

// Tells a receiver over HTTP what happens in mailboxes, each thing in a signed POST, in order.
//
// What it has not delivered lives in memory only: hongyan:events is the record, this is the bell.
// Nobody waits for it. When the receiver is away for long, the oldest are dropped.
//
// Owner: the office. Thread: the control thread.
class Hook {
 public:
  static constexpr std::size_t kMost = 1000;  // notifications that wait

  // Null: none is configured. Errors: the secret or the roots cannot be read; a sentence.
  static Result<std::unique_ptr<Hook>> open(const config::Local& local, dns::Resolver& resolver);

  // `id` is the same when the same is told twice.
  void tell(std::string id, std::string type, const std::string& tenant, std::int64_t at_ms,
            Json data);
  async::Task<> run(const async::TaskGroup& owner);

 private:
  struct Notification {
    std::string id;
    std::string body;
  };
  Hook(HookPlace place, Secret secret, const std::string& ca_file, double time_scale,
       dns::Resolver& resolver);
  async::Task<HookAnswer> post(std::string body);

  HookPlace place_;
  Secret secret_;
  double time_scale_;  // pauses are divided by it
  dns::Resolver& resolver_;
  http::Client client_;
  std::deque<Notification> waiting_;
  std::uint64_t dropped_ = 0;
  std::mt19937_64 random_;
};

}  // namespace hongyan::mailbox
