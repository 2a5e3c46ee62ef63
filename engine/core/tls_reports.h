#pragma once

#include "base/async/task_group.h"
#include "base/http/client.h"
#include "base/random.h"
#include "dns/resolver.h"
#include "engine/config/config.h"
#include "engine/tlsrpt/report.h"
#include "engine/tlsrpt/rua.h"
#include "store/tls_sessions.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// Sends the reports of the day that is over (RFC 8460), as [tls_rpt] has it: one job for each
// domain that wants its report by mail. One engine of all does a day; what it had begun when it
// died the next one finishes, and a report that has its job already gets no second.
//
// Owner: the engine. Thread: the control thread.
class TlsReports {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config;  // with [tls_rpt]
    std::string engine;
    std::function<bool()> may_take;
  };

  TlsReports(async::Executor executor, Options options, store::JobStore& store);
  async::Task<> run(const async::TaskGroup& owner);

 private:
  Millis some_delay();
  // Whether nothing is left to send; if not it is tried again.
  async::Task<bool> send_day(std::string day);
  struct Wanted {
    std::vector<std::string> addresses;
    std::vector<tlsrpt::HttpsPlace> places;
  };
  async::Task<Result<Wanted>> ask_wanted(std::string domain);
  // False: its job was there already.
  async::Task<Result<bool>> submit(tlsrpt::Reporter reporter, tlsrpt::DomainReport report,
                                   std::vector<std::string> addresses);
  async::Task<Result<void>> post(tlsrpt::HttpsPlace place, std::string packed);

  async::Executor executor_;
  Options options_;
  store::JobStore& store_;
  store::TlsSessions sessions_;
  const config::TlsReporting settings_;
  const dns::ResolverOptions ways_;
  std::unique_ptr<dns::Channel> dns_;  // while a day is sent
  http::Client client_;
  Random random_{std::random_device{}()};
};

}  // namespace hongyan::engine
