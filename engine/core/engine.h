#pragma once

#include "base/async/task_group.h"
#include "base/http/server.h"
#include "engine/config/config.h"
#include "engine/core/ages.h"
#include "engine/core/intake.h"
#include "engine/core/late_reports.h"
#include "engine/core/mail_intake.h"
#include "engine/core/planner.h"
#include "engine/core/supervisor.h"
#include "engine/core/tls_reports.h"
#include "engine/core/worker.h"
#include "mailbox/office/office.h"
#include "mailbox/office/tracking.h"
#include "metrics/registry.h"
#include "store/redis/client.h"
#include "store/redis/durability.h"
#include "store/redis/embedded.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::engine {

// Why an engine could not start, for the exit code: a configuration (78) or the moment (75).
struct StartFailure {
  bool configuration = false;
  std::vector<std::string> sentences;
  bool started = false;  // it ran until then
};

// One engine: a control thread (the caller's), a planner, workers. Composition only.
//
// Thread: run() runs the control loop on the calling thread until stopped; request_drain() may be
// called from a signal handler's thread.
class Engine {
 public:
  // `vault_key`: that of the environment (mailbox/office/vault_keys.h), if any.
  explicit Engine(std::shared_ptr<const config::Config> config,
                  std::optional<vault::MasterKey> vault_key = std::nullopt);
  ~Engine();

  // Returns when drained (nothing), or when the start failed. `on_ready` is called once with the
  // HTTP port when work is taken.
  std::optional<StartFailure> run(std::function<void(unsigned short)> on_ready = {});
  // First call: drain. Second: hurry.
  void request_drain();

 private:
  async::Task<std::optional<StartFailure>> start();
  async::Task<> life(std::optional<StartFailure>* failure,
                     std::function<void(unsigned short)> on_ready);
  async::Task<std::optional<StartFailure>> open_office(
      std::shared_ptr<const answer::Classifier> classifier, std::string secret);
  void open_tracking(std::string secret);
  std::optional<StartFailure> open_plans();
  async::Task<Result<std::optional<plan::Origin>>> origin_of(std::string message_ids);
  async::Task<> message_answered(identity::MessageRef ref);
  async::Task<std::optional<StartFailure>> agree_on_configuration();
  async::Task<> watch();
  async::Task<> watch_redis();
  async::Task<> shut_down();
  std::vector<http::Route> routes();
  async::Task<http::Reply> metrics_page();
  async::Task<http::Reply> billing_page();
  std::vector<std::string> not_ready_because() const;
  http::Reply readiness() const;
  std::string heartbeat(std::int64_t at_ms) const;
  std::string lanes() const;
  bool may_take() const;

  std::shared_ptr<const config::Config> config_;
  std::optional<vault::MasterKey> vault_key_;  // until the office has it
  async::net::io_context io_{1};
  async::Executor executor_;
  BillingCalendar calendar_;
  std::string id_;
  std::unique_ptr<redis::EmbeddedServer> embedded_;
  redis::ConnectOptions redis_;
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<store::JobStore> store_;
  redis::Durability durability_;
  std::shared_ptr<const DkimKeys> keys_;
  std::vector<CertificateEnd> certificates_;
  metrics::Registry registry_;  // before the workers: they flush into it until they are gone
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Planner> planner_;
  std::unique_ptr<dns::Resolver> resolver_;      // of the office
  std::unique_ptr<mailbox::Office> office_;      // null: no vault, so no mailboxes
  std::unique_ptr<mailbox::Tracking> tracking_;  // of letters
  std::unique_ptr<plan::Desk> plans_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<LateReports> late_reports_;
  std::unique_ptr<MailIntake> mail_intake_;
  std::unique_ptr<TlsReports> tls_reports_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> public_;
  std::unique_ptr<inbound::Server> inbound_;
  std::vector<std::string> differing_;  // configuration keys that the fleet has otherwise
  std::string functions_fault_;         // why Redis does not run our functions
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  std::atomic<int> drain_requests_{0};
  std::atomic<bool> room_{true};
  async::Event stop_;
  async::TaskGroup tasks_;
};

}  // namespace hongyan::engine
