#include "mailbox/office/notices.h"

#include "base/log.h"
#include "mailbox/office/notice_form.h"
#include "metrics/catalogue.h"
#include "store/keys.h"

namespace hongyan::mailbox {

using redis::Command;

async::Task<> Notices::send(std::string address) {
  const auto every = std::chrono::duration_cast<Millis>(settings_.every / time_scale_);
  const auto batch = co_await notes_.take(address, every);
  if (!batch || !*batch) co_return;
  if (const auto document = notice_job(settings_, address, **batch)) {
    const auto added = co_await store_.call(std::move(
        Command("XADD").arg(store::keys::kJobs).arg("*").arg("job").arg(to_json(*document))));
    if (!added) co_return;
    registry_.add(metrics::kMailboxNotices, {}, 1);
    log::info("mailbox-notice", {{"mailbox", address},
                                 {"to", (*batch)->to},
                                 {"job", document->find("id")->text()},
                                 {"notes", (*batch)->count}});
  }
  (void)co_await notes_.done(address, (*batch)->number);
}

}  // namespace hongyan::mailbox
