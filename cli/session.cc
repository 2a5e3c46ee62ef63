#include "cli/session.h"

#include "base/text.h"
#include "cli/output.h"
#include "store/keys.h"
#include "store/library.h"

#include <cstdlib>
#include <iostream>

namespace hongyan::cli {
namespace {

constexpr Millis kPatience{5000};

}  // namespace

// Read here and not by the parser, which would set it again for every sibling of the command given.
std::string Common::redis_of_environment() {
  const char* url = std::getenv("HONGYAN_REDIS");
  return url != nullptr && *url != '\0' ? url : "redis://127.0.0.1:6379";
}

void add_common(CLI::App& command, Common& common) {
  command
      .add_option("--redis", common.redis,
                  "redis://, rediss://, unix:PATH or embedded:DIR (or HONGYAN_REDIS)")
      ->type_name("URL")
      ->default_str("redis://127.0.0.1:6379");
  command.add_flag("--json", common.json, "for programs: one JSON object a line");
}

Session::Session(redis::ConnectOptions options)
    : client_(std::move(options)), jobs_(client_.client()), money_(jobs_) {}

Result<std::unique_ptr<Session>> Session::open(const Common& common) {
  auto options = redis::parse_url(common.redis);
  if (!options) {
    Error error = options.error();
    error.detail = "--redis (or HONGYAN_REDIS): " + error.detail;
    return std::unexpected(std::move(error));
  }
  options->client_name = "hongyan-cli";
  const std::string where = options->masked();
  std::unique_ptr<Session> session(new Session(std::move(*options)));
  if (auto connected = session->client_.connect(kPatience); !connected) {
    Error error = connected.error();
    if (!error.detail.starts_with(where)) error.detail = where + ": " + error.detail;
    return std::unexpected(std::move(error));
  }
  return session;
}

Result<redis::Reply> Session::call(redis::Command command) {
  auto reply = client_.call(std::move(command), kPatience);
  if (reply && reply->is_error())
    return fail(Scope::kProcess, "redis-refused", std::string(reply->text()));
  return reply;
}

Result<std::vector<redis::Reply>> Session::pipeline(std::vector<redis::Command> commands) {
  auto replies = client_.pipeline(std::move(commands), kPatience);
  if (!replies) return replies;
  for (const auto& reply : *replies)
    if (reply.is_error()) return fail(Scope::kProcess, "redis-refused", std::string(reply.text()));
  return replies;
}

Result<void> Session::ensure_functions() {
  auto ensured = run(store::ensure_functions(client(), async::Deadline::in(kPatience)));
  if (!ensured && ensured.error().code == "redis-functions-denied") return {};
  return ensured;
}

Result<std::int64_t> Session::now_ms() {
  auto time = call(redis::Command("TIME"));
  if (!time && is_denied(time.error())) return to_unix_ms(SystemClock().wall());
  if (!time) return std::unexpected(time.error());
  return (*time)[0].integer() * 1000 + (*time)[1].integer() / 1000;
}

Result<store::JobView> Session::load_job(const std::string& id) {
  auto reply = call(redis::Command("HGETALL").arg(store::keys::job(id)));
  if (!reply) return std::unexpected(reply.error());
  store::JobView view;
  const auto fields = reply->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    view.fields.emplace(fields[i].text(), fields[i + 1].text());
  if (const auto now = now_ms()) view.now_ms = *now;
  return view;
}

std::string Session::unknown_job(const std::string& id) {
  std::string sentence = "there is no job '" + id + "'";
  auto known = call(redis::Command("ZREVRANGE").arg(store::keys::kIndex).arg(0).arg(999));
  if (!known) return sentence;
  std::vector<std::string> ids;
  for (const auto& one : known->array()) ids.emplace_back(one.text());
  if (const auto meant = nearest(id, ids)) return sentence + "; did you mean '" + *meant + "'?";
  return sentence + "; hongyan list shows all";
}

bool is_denied(const Error& error) {
  return error.code == "redis-refused" && error.detail.starts_with("NOPERM");
}

int refuse(const Common& common, int code, const std::string& sentence) {
  if (common.json) {
    print_json(Json::object({{"ok", Json::boolean(false)}, {"error", Json::string(sentence)}}));
  } else {
    std::cerr << "hongyan: " << escape_control(sentence) << '\n';
  }
  return code;
}

int report_error(const Error& error, const Common& common) {
  int code = kFailed;
  std::string sentence = error.detail.empty() ? std::string(error.code) : error.detail;
  if (error.code == "redis-away" || error.code == "redis-lost" || error.code == "redis-timeout") {
    code = kTryLater;
    sentence = "Redis is away: " + sentence + "; try again";
  } else if (error.code == "redis-url" || error.code == "redis-denied") {
    code = kBadConfig;
  } else if (error.code == "redis-refused" && sentence.contains("Function not found")) {
    sentence =
        "this Redis has no Hongyan functions and this user may not load them; "
        "start an engine (hongyan serve) first";
  } else if (is_denied(error)) {
    sentence = "this Redis user may not do that (" + sentence + ")";
  } else if (error.code == "redis-refused") {
    if (sentence.starts_with("LOADING") || sentence.starts_with("BUSY") ||
        sentence.starts_with("MASTERDOWN"))
      code = kTryLater;
    sentence = "Redis refuses: " + sentence;
  }
  return refuse(common, code, sentence);
}

}  // namespace hongyan::cli
