#include "store/events.h"

#include "store/keys.h"

namespace hongyan::store {

async::Task<Result<void>> publish_event(JobStore& store, Event event, std::int64_t keep) {
  const SystemClock clock;
  redis::Command command("FCALL");
  command.arg("h1_publish").arg(2).arg(keys::kEvents).arg(keys::kEventNumbers);
  command.arg(keep).arg(event.job).arg(0).arg(event.type).arg(to_unix_ms(clock.wall()));
  command.arg(event.tenant).arg(event.data);
  const auto reply = co_await store.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<void>();
}

}  // namespace hongyan::store
