#pragma once

#include "cli/command.h"
#include "store/job_store.h"
#include "store/money_store.h"
#include "store/redis/blocking.h"

#include <memory>
#include <string>
#include <vector>

namespace hongyan::cli {

// A connected client of Redis for the length of one command.
//
// Thread: the program's only one. Errors: those of redis::Client, "redis-url", "redis-refused".
class Session {
 public:
  // Waits at most 5 s for the connection.
  static Result<std::unique_ptr<Session>> open(const Common& common);

  // Error answers of Redis become Errors.
  Result<redis::Reply> call(redis::Command command);
  // In one flight; the first error answer fails the whole.
  Result<std::vector<redis::Reply>> pipeline(std::vector<redis::Command> commands);
  template <class T>
  T run(async::Task<T> task) {
    return client_.run(std::move(task));
  }

  // Loads the function library when this Redis has none yet: an account can be topped up before
  // the first engine starts. A user who may not load functions goes on and sees what is there.
  Result<void> ensure_functions();

  store::JobStore& jobs() { return jobs_; }
  store::MoneyStore& money() { return money_; }
  redis::Client& client() { return client_.client(); }
  // Redis' time; this machine's when the user may not ask for it.
  Result<std::int64_t> now_ms();
  // The hash of a job; not exists() when there is none. Works without the function library.
  Result<store::JobView> load_job(const std::string& id);
  // "there is no job X", with the id that was probably meant.
  std::string unknown_job(const std::string& id);

 private:
  explicit Session(redis::ConnectOptions options);

  redis::BlockingClient client_;
  store::JobStore jobs_;
  store::MoneyStore money_;
};

// Redis' access list denies this user the command or a key.
bool is_denied(const Error& error);
// Prints the error for people or programs and gives the exit code it means: 75 when Redis is away,
// 78 when it cannot be spoken to as configured, otherwise 1.
int report_error(const Error& error, const Common& common);
// A sentence on standard error ({"ok":false,...} on standard output with --json); returns `code`.
int refuse(const Common& common, int code, const std::string& sentence);

}  // namespace hongyan::cli
