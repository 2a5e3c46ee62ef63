#include "mailbox/office/hook.h"

#include "base/log.h"
#include "base/text.h"
#include "mailbox/office/sync_rules.h"

#include <filesystem>
#include <stdexcept>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr std::size_t kMostAnswer = 64UL * 1024;
constexpr int kMostTries = 10;  // over an hour
constexpr Millis kLook = 200ms;
constexpr Millis kShortest = 250ms;

}  // namespace

Result<std::unique_ptr<Hook>> Hook::open(const config::Local& local, dns::Resolver& resolver) {
  const config::MailboxHookSettings& named = local.mailbox_hook;
  if (named.url.empty()) return nullptr;
  const std::filesystem::path folder = local.folder;
  auto place = read_hook_url(named.url);
  if (!place) return fail(Scope::kProcess, "hook-url", "mailbox_hook.url is no URL");
  const std::string roots = named.ca_file.empty() ? "" : (folder / named.ca_file).string();
  try {
    return std::unique_ptr<Hook>(new Hook(*std::move(place), Secret::copy_of(named.secret.reveal()),
                                          roots, 1 / local.engine.pace_time_scale, resolver));
  } catch (const std::runtime_error& error) {
    return fail(Scope::kProcess, "hook-roots", error.what());
  }
}

Hook::Hook(HookPlace place, Secret secret, const std::string& ca_file, double time_scale,
           dns::Resolver& resolver)
    : place_(std::move(place)),
      secret_(std::move(secret)),
      time_scale_(time_scale),
      resolver_(resolver),
      client_(ca_file, kMostAnswer),
      random_(std::random_device{}()) {}

void Hook::tell(std::string id, std::string type, const std::string& tenant, std::int64_t at_ms,
                Json data) {
  std::string body = to_json(Json::object({{"id", Json::string(id)},
                                           {"type", Json::string(std::move(type))},
                                           {"tenant", Json::string(tenant)},
                                           {"at", Json::number(std::to_string(at_ms))},
                                           {"data", std::move(data)}}));
  waiting_.push_back({std::move(id), std::move(body)});
  if (waiting_.size() <= kMost) return;
  waiting_.pop_front();
  if (++dropped_ % kMost == 1) log::warning("hook-full", {{"dropped", std::to_string(dropped_)}});
}

Task<> Hook::run(const async::TaskGroup& owner) {
  int tries = 0;
  std::string trying;  // the id; what waits may be dropped meanwhile
  while (!owner.stopping()) {
    if (waiting_.empty()) {
      co_await async::sleep_for(kLook);
      continue;
    }
    if (waiting_.front().id != trying) tries = 0;
    trying = waiting_.front().id;
    const HookAnswer answer = co_await post(waiting_.front().body);
    if (owner.stopping()) co_return;
    ++tries;
    if (answer == HookAnswer::kLater && tries < kMostTries) {
      const double draw = std::uniform_real_distribution<double>(0, 1)(random_);
      co_await async::sleep_for(std::max(
          kShortest, std::chrono::duration_cast<Millis>(back_off(tries, draw) / time_scale_)));
      continue;
    }
    if (answer != HookAnswer::kTaken)
      log::warning("hook-given-up", {{"id", trying}, {"tries", std::to_string(tries)}});
    if (!waiting_.empty() && waiting_.front().id == trying) waiting_.pop_front();
  }
}

Task<HookAnswer> Hook::post(std::string body) {
  http::Question question;
  question.host = place_.host;
  question.port = place_.port;
  question.target = place_.target;
  question.tls = place_.tls;
  const std::int64_t now = to_unix_ms(SystemClock().wall()) / 1000;
  question.headers.emplace_back("Hongyan-Signature", hook_signature(secret_.reveal(), now, body));
  question.body = std::move(body);
  question.content_type = "application/json";
  // An address was meant by who configured it, whatever the rules for receivers of mail say.
  if (const auto address = IpAddress::parse(place_.host)) {
    question.addresses = {*address};
  } else {
    const auto found = co_await resolver_.addresses_of(place_.host);
    if (found) question.addresses = *found;
  }
  if (question.addresses.empty()) {
    log::info("hook-unreachable", {{"error", place_.host + " has no address"}});
    co_return HookAnswer::kLater;
  }
  const auto answer = co_await client_.ask(std::move(question));
  if (!answer) {
    log::info("hook-unreachable", {{"error", escape_control(answer.error().detail)}});
    co_return HookAnswer::kLater;
  }
  const HookAnswer means = hook_answer(answer->status);
  if (means != HookAnswer::kTaken)
    log::info("hook-refused", {{"status", std::to_string(answer->status)}});
  co_return means;
}

}  // namespace hongyan::mailbox
