#include "mailbox/office/login.h"

#include "mailbox/login/shown_reply.h"

namespace hongyan::mailbox {
namespace {

using async::Task;

async::net::ip::address asio_address(const IpAddress& address) {
  return async::net::ip::make_address(address.to_string());
}

login::Stage stage_of(smtp::Stage stage) {
  switch (stage) {
    case smtp::Stage::kConnect:
      return login::Stage::kConnect;
    case smtp::Stage::kGreeting:
    case smtp::Stage::kEhlo:
      return login::Stage::kGreeting;
    case smtp::Stage::kStartTls:
      return login::Stage::kTls;
    case smtp::Stage::kAuth:
      return login::Stage::kLogin;
    case smtp::Stage::kMail:
      return login::Stage::kMail;
    case smtp::Stage::kRcpt:
      return login::Stage::kRcpt;
    case smtp::Stage::kData:
    case smtp::Stage::kContent:
      return login::Stage::kData;
  }
  return login::Stage::kConnect;
}

LoginFailure failure_of(const Server& server, const smtp::OpenFailure& from,
                        std::string_view secret) {
  LoginFailure failure{
      login::Protocol::kSmtp, server, stage_of(from.stage), from.cause, from.detail, false};
  if (from.reply.code == 0) return failure;
  failure.code = std::to_string(from.reply.code);
  std::string words = from.reply.text;
  if (!from.reply.enhanced.empty()) words = from.reply.enhanced + " " + words;
  if (!from.detail.empty()) words += " " + from.detail;  // why a token is refused
  failure.text = login::shown_reply(words, secret);
  failure.answered = true;
  return failure;
}

login::Stage stage_of(imap::Stage stage) {
  switch (stage) {
    case imap::Stage::kConnect:
      return login::Stage::kConnect;
    case imap::Stage::kTls:
    case imap::Stage::kStartTls:
      return login::Stage::kTls;
    case imap::Stage::kGreeting:
    case imap::Stage::kCapability:
      return login::Stage::kGreeting;
    case imap::Stage::kLogin:
      return login::Stage::kLogin;
    case imap::Stage::kId:
      return login::Stage::kId;
    default:
      return login::Stage::kSelect;
  }
}

std::string_view status_word(imap::Status status) {
  switch (status) {
    case imap::Status::kOk:
      return "OK";
    case imap::Status::kNo:
      return "NO";
    case imap::Status::kBad:
      return "BAD";
    case imap::Status::kBye:
      return "BYE";
    case imap::Status::kPreauth:
      return "PREAUTH";
  }
  return "";
}

LoginFailure failure_of(const Server& server, const imap::Failure& from, std::string_view secret) {
  LoginFailure failure{login::Protocol::kImap,  server,      stage_of(from.stage),
                       std::string(from.cause), from.detail, false};
  if (!from.status) return failure;
  failure.code = status_word(*from.status);
  std::string words = from.code.empty() ? from.text : "[" + from.code + "] " + from.text;
  if (!from.challenge.empty()) words += " " + from.challenge;
  failure.text = login::shown_reply(words, secret);
  failure.answered = true;
  return failure;
}

LoginFailure unresolved(login::Protocol protocol, const Server& server, const Error& error) {
  return {protocol, server, login::Stage::kLookup, std::string(error.code), error.detail, false};
}

}  // namespace

std::string LoginFailure::said() const {
  return code + (text.empty() ? "" : " " + text);
}

std::string LoginFailure::sentence() const {
  return std::string(login::protocol_name(protocol)) + " " + server.host + ": " + said();
}

LoginDesk::LoginDesk(async::Executor executor, AccessTokens::Tools tools,
                     const login::Explainer& explainer, Options options)
    : executor_(executor),
      resolver_(tools.resolver),
      keys_(*tools.keys),
      explainer_(explainer),
      tokens_(executor, tools),
      options_(std::move(options)),
      tls_(options_.ca_file),
      trust_(options_.ca_file) {}

Task<LoginResult<Secret>> LoginDesk::open_secret(Account account) {
  if (account.auth == Auth::kXoauth2) co_return co_await tokens_.token_of(std::move(account));
  auto secret = vault::open_record(keys_, {account.address}, account.secret);
  if (secret) co_return *std::move(secret);
  co_return std::unexpected(LoginFailure{login::Protocol::kSmtp, account.servers.smtp,
                                         login::Stage::kLookup, std::string(secret.error().code),
                                         secret.error().detail});
}

// The rules say which answers mean that another access token may be taken.
bool LoginDesk::wants_fresh(const Account& account, const LoginFailure& failure) const {
  if (account.auth != Auth::kXoauth2 || !failure.answered) return false;
  const login::Verdict verdict = explainer_.explain(
      {account.provider, failure.protocol, failure.stage, failure.code, failure.text, true, true});
  return verdict.says.reaction == login::Reaction::kRefresh;
}

Task<LoginResult<std::unique_ptr<smtp::Connection>>> LoginDesk::open_smtp(Account account) {
  auto secret = co_await open_secret(account);
  if (!secret) co_return std::unexpected(secret.error());
  auto opened =
      co_await open_smtp(account.servers.smtp, {account.smtp_user, account.auth, *secret});
  if (opened || !wants_fresh(account, opened.error())) co_return opened;
  tokens_.refused(account.address, *secret);
  secret = co_await open_secret(account);
  if (!secret) co_return std::unexpected(secret.error());
  co_return co_await open_smtp(account.servers.smtp, {account.smtp_user, account.auth, *secret});
}

Task<LoginResult<std::unique_ptr<imap::Client>>> LoginDesk::open_imap(Account account,
                                                                      bool always_identify) {
  const Server server = *account.servers.imap;
  auto secret = co_await open_secret(account);
  if (!secret) co_return std::unexpected(secret.error());
  auto opened =
      co_await open_imap(server, {account.imap_user, account.auth, *secret, always_identify});
  if (opened || !wants_fresh(account, opened.error())) co_return opened;
  tokens_.refused(account.address, *secret);
  secret = co_await open_secret(account);
  if (!secret) co_return std::unexpected(secret.error());
  co_return co_await open_imap(server, {account.imap_user, account.auth, *secret, always_identify});
}

Task<LoginResult<std::unique_ptr<smtp::Connection>>> LoginDesk::open_smtp(Server server,
                                                                          LoginAs as) {
  const auto addresses = co_await resolver_.addresses_of(server.host);
  if (!addresses)
    co_return std::unexpected(unresolved(login::Protocol::kSmtp, server, addresses.error()));
  smtp::OpenFailure failure;
  for (const IpAddress& address : *addresses) {
    smtp::Target target;
    target.endpoint = {asio_address(address), server.port, {}, {}};
    target.host_name = server.host;
    target.options.ehlo_name = options_.ehlo;
    target.options.tls = smtp::TlsMode::kVerified;
    target.options.implicit_tls = server.tls == Tls::kImplicit;
    target.options.auth = smtp::Credentials{as.user, std::string(as.secret.reveal()),
                                            as.auth == Auth::kXoauth2, server.host, server.port};
    target.options.limits = options_.limits;
    auto connection = std::make_unique<smtp::Connection>(executor_, tls_);
    const auto opened = co_await connection->open(std::move(target));
    if (opened) co_return connection;
    failure = opened.error();
    // Another address of the same server would say the same: a refused secret is not tried twice.
    if (failure.stage != smtp::Stage::kConnect) break;
  }
  LoginFailure told = failure_of(server, failure, as.secret.reveal());
  told.token = as.auth == Auth::kXoauth2;
  co_return std::unexpected(std::move(told));
}

Task<LoginResult<std::unique_ptr<imap::Client>>> LoginDesk::open_imap(Server server, LoginAs as) {
  const auto addresses = co_await resolver_.addresses_of(server.host);
  if (!addresses)
    co_return std::unexpected(unresolved(login::Protocol::kImap, server, addresses.error()));
  imap::Server to{
      server.host,
      {},
      server.port,
      server.tls == Tls::kImplicit ? imap::TlsStart::kAtOnce : imap::TlsStart::kStartTls};
  for (const IpAddress& address : *addresses) to.addresses.push_back(asio_address(address));
  imap::ClientOptions options;
  options.always_identify = as.always_identify;
  auto client = std::make_unique<imap::Client>(executor_, trust_, std::move(to), options);
  const auto failed = [&](const imap::Failure& failure) {
    LoginFailure told = failure_of(server, failure, as.secret.reveal());
    told.token = as.auth == Auth::kXoauth2;
    return std::unexpected(std::move(told));
  };
  if (const auto opened = co_await client->open(); !opened) co_return failed(opened.error());
  imap::Login login;
  login.kind = as.auth == Auth::kXoauth2 ? imap::Login::Kind::kToken : imap::Login::Kind::kPassword;
  login.user = as.user;
  login.secret = std::string(as.secret.reveal());
  if (const auto in = co_await client->login(std::move(login)); !in) co_return failed(in.error());
  co_return client;
}

LoginFailure LoginDesk::failure_in(const Server& server, const imap::Failure& failure) {
  return failure_of(server, failure, {});
}

}  // namespace hongyan::mailbox
