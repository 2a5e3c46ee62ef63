#include "cli/mailbox_order.h"

#include "base/text.h"
#include "cli/control_wait.h"
#include "cli/output.h"
#include "cli/published.h"
#include "store/keys.h"

#include <fmt/format.h>

#include <iostream>
#include <random>
#include <thread>

namespace hongyan::cli {
namespace {

using redis::Command;

// Two log-ins at each of two pairs of servers, each with its own patience.
constexpr auto kPatience = std::chrono::seconds(240);
constexpr auto kNobody = std::chrono::seconds(10);  // until somebody takes the order

std::string text_at(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr ? std::string() : value->text();
}

std::string in(const Json* text, Language language) {
  if (text == nullptr) return {};
  return text_at(*text, language == Language::kChinese ? "zh" : "en");
}

std::string request_name() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

void print_trials(const Json& report) {
  const Json* trials = report.find("trials");
  if (trials == nullptr) return;
  for (const Json& trial : trials->items()) {
    const std::string result = text_at(trial, "result");
    std::cout << "  " << pad(text_at(trial, "protocol"), 5)
              << pad(escape_control(text_at(trial, "server")), 40) << "  "
              << (result == "logged-in" ? "logged in" : escape_control(text_at(trial, "said")))
              << '\n';
  }
}

void print_verdict(const Json& verdict, Language language) {
  const bool zh = language == Language::kChinese;
  std::cerr << in(verdict.find("cause"), language) << '\n'
            << (zh ? "怎么办：" : "What to do: ") << in(verdict.find("todo"), language) << '\n';
  if (const std::string who = text_at(verdict, "who"); !who.empty())
    std::cerr << (zh ? "由谁处理：" : "Whose job: ") << who << '\n';
  const Json* waiting = verdict.find("waiting_helps");
  const bool helps = waiting != nullptr && waiting->is_true();
  std::cerr << (zh ? (helps ? "等待后可重试\n" : "等待没有用\n")
                   : (helps ? "Waiting helps\n" : "Waiting does not help\n"));
  if (const Json* hints = verdict.find("hints"))
    for (const Json& hint : hints->items())
      std::cerr << (zh ? "提示：" : "Hint: ") << in(&hint, language) << '\n';
}

}  // namespace

Result<std::string> tenant_of(Session& session, const std::string& named) {
  if (!named.empty()) return named;
  const auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  if (!*fleet)
    return fail(Scope::kProcess, "no-fleet",
                "no configuration is published: has an engine ever started on this Redis?");
  if ((*fleet)->tenants.size() == 1) return (*fleet)->tenants.begin()->first;
  return fail(Scope::kProcess, "no-tenant", "whose mailbox is it? give --tenant NAME");
}

Result<std::optional<Json>> give_order(Session& session, const std::string& op,
                                       std::vector<std::pair<std::string, std::string>> fields) {
  const std::string request = request_name();
  Command add("XADD");
  add.arg(store::keys::kControl).arg("*").arg("op").arg(op).arg("request").arg(request);
  add.arg("actor").arg(actor());
  for (const auto& [name, value] : fields)
    if (!value.empty()) add.arg(name).arg(value);
  const auto entry = session.call(std::move(add));
  if (!entry) return std::unexpected(entry.error());
  const std::string id(entry->text());
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    auto answer = session.call(Command("GET").arg(store::keys::answer(request)));
    if (!answer) return std::unexpected(answer.error());
    if (!answer->is_nil())
      if (auto report = parse_json(answer->text())) return *std::move(report);
    const auto waited = std::chrono::steady_clock::now() - begun;
    if (waited > kPatience) return std::nullopt;
    if (waited > kNobody) {
      auto queued = session.call(Command("XRANGE").arg(store::keys::kControl).arg(id).arg(id));
      if (!queued) return std::unexpected(queued.error());
      if (!queued->array().empty()) {
        // Nobody is there. What nobody waits for any more must not be done later.
        (void)session.call(Command("XDEL").arg(store::keys::kControl).arg(id));
        return std::nullopt;
      }
    }
    std::this_thread::sleep_for(Millis{50});
  }
}

int tell_order(const std::optional<Json>& report, const std::string& address, const Common& common,
               Language language) {
  if (!report)
    return refuse(common, kTryLater,
                  "no engine has answered; nothing was done (hongyan status shows the engines)");
  const Json* fine = report->find("ok");
  const bool ok = fine != nullptr && fine->is_true();
  if (common.json) {
    Json told = *report;
    told.set("mailbox", Json::string(address));
    print_json(told);
    return ok ? kDone : kFailed;
  }
  const std::string refusal = text_at(*report, "refusal");
  if (!refusal.empty()) return refuse(common, kFailed, refusal);
  print_trials(*report);
  if (!ok) {
    if (const Json* verdict = report->find("verdict")) print_verdict(*verdict, language);
    return kFailed;
  }
  std::cout << address << ": " << text_at(*report, "status") << '\n';
  return kDone;
}

}  // namespace hongyan::cli
